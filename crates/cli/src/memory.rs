//! How many threads there is memory for.

use std::fs;
use std::path::Path;

use crate::counting;
use crate::output::Terminal;

/// What a thread needs beside its run: its stack, and what the allocator keeps for it. Of addresses it was seen to take 5.4 MiB.
const THREAD_BYTES: u64 = 8 << 20;
/// So many of four parts of the memory that is left may be used.
const PARTS_USED: u64 = 3;

/// Returns how many of the threads that are wanted there is memory for, at least one, and says so if they are fewer. `run`
/// makes one run, whose memory is counted; other runs may need more.
pub(crate) fn affordable(wanted: u16, terminal: Terminal, run: impl FnOnce()) -> u16 {
    let Some(left) = (wanted > 1).then(bytes_left).flatten() else { return wanted };
    counting::start();
    run();
    let run_bytes = counting::stop().peak;
    let threads = threads(wanted, left, run_bytes);
    if threads < wanted {
        terminal.note(format_args!(
            "{threads} of {wanted} threads are used: one run takes {} MiB, and {} MiB are left",
            run_bytes.div_ceil(1 << 20),
            left >> 20
        ));
    }
    threads
}

/// How many threads fit into memory.
fn threads(wanted: u16, left: u64, run_bytes: u64) -> u16 {
    let fit = left / 4 * PARTS_USED / run_bytes.saturating_add(THREAD_BYTES);
    u16::try_from(fit).unwrap_or(u16::MAX).clamp(1, wanted)
}

/// Returns how many bytes this process may still use; `None` if the system does not tell.
fn bytes_left() -> Option<u64> {
    let read = |path: &Path| fs::read_to_string(path).ok();
    let of_machine = read(Path::new("/proc/meminfo")).and_then(|text| kibibytes(&text, "MemAvailable:"));
    let of_process = read(Path::new("/proc/self/limits")).and_then(|text| limit(&text));
    let used = read(Path::new("/proc/self/status")).and_then(|text| kibibytes(&text, "VmSize:"));
    let of_process = of_process.map(|limit| limit.saturating_sub(used.unwrap_or(0)));
    let group = read(Path::new("/proc/self/cgroup")).and_then(|text| group(&text));
    let of_group = group.and_then(|group| {
        let number = |name: &str| {
            let path = Path::new("/sys/fs/cgroup").join(&group).join(name);
            read(&path)?.trim().parse::<u64>().ok()
        };
        Some(number("memory.max")?.saturating_sub(number("memory.current")?))
    });
    [of_machine, of_process, of_group].into_iter().flatten().min()
}

/// The number of a line such as `MemAvailable:  123 kB`, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1 << 10)
}

/// The limit of a process's addresses in bytes; `None` if it has none.
fn limit(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The control group of a process, below the folder of all.
fn group(text: &str) -> Option<String> {
    text.lines().find_map(|line| line.strip_prefix("0::/")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_threads_as_fit() {
        let mebi = |bytes: u64| bytes << 20;
        for (wanted, left, run, fit) in [
            (8, mebi(8_000), mebi(1), 8),
            (8, mebi(8_000), mebi(1_992), 3),
            (8, mebi(8_000), mebi(50_000), 1),
            (512, 0, 0, 1),
            (512, u64::MAX, u64::MAX, 1),
            (512, u64::MAX, 0, 512),
        ] {
            assert_eq!(threads(wanted, left, run), fit, "{wanted} {left} {run}");
        }
    }

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(kibibytes("MemTotal: 9 kB\nMemAvailable:   12 kB\n", "MemAvailable:"), Some(12 << 10));
        assert_eq!(kibibytes("MemTotal: 9 kB\n", "MemAvailable:"), None);
        let limits = "Max cpu time  unlimited unlimited seconds\nMax address space         4096    unlimited   bytes\n";
        assert_eq!(limit(limits), Some(4096));
        assert_eq!(limit("Max address space  unlimited unlimited bytes"), None);
        assert_eq!(group("1:cpu:/a\n0::/user/b\n"), Some("user/b".to_owned()));
    }
}
