/* What the standard library of Rust takes from Windows' bcryptprimitives.dll, for a wine that has none. What is random is the same
   each time; no fingerprint may depend on it. */
int ProcessPrng(unsigned char *bytes, unsigned long long length) {
    while (length > 0) {
        length -= 1;
        bytes[length] = (unsigned char)(length * 167 + 13);
    }
    return 1;
}

int DllMainCRTStartup(void *instance, unsigned long reason, void *reserved) {
    (void)instance, (void)reason, (void)reserved;
    return 1;
}
