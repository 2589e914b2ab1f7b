//! A page that is open in Chromium.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::sleep;
use std::time::{Duration, Instant};

use headless_chrome::browser::tab::ModifierKey;
use headless_chrome::protocol::cdp::Page::CaptureScreenshotFormatOption;
use headless_chrome::protocol::cdp::types::Event;
use headless_chrome::{Browser, LaunchOptions, Tab};

/// Where Chromium may be.
const PLACES: [&str; 4] = [
    "/usr/bin/chromium",
    "/usr/bin/chromium-browser",
    "/usr/bin/google-chrome",
    "/usr/bin/google-chrome-stable",
];

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Returns the path of Chromium: `TIEBREAK_CHROMIUM`, or where distributions put it.
#[must_use]
pub fn chromium() -> Option<PathBuf> {
    let named = std::env::var_os("TIEBREAK_CHROMIUM").map(PathBuf::from);
    named.into_iter().chain(PLACES.map(PathBuf::from)).find(|path| path.is_file())
}

/// A tab with a page, and the errors that its scripts had.
pub struct Page {
    tab: Arc<Tab>,
    errors: Arc<Mutex<Vec<String>>>,
    /// From the request to open it until its scripts had run and it was painted.
    pub opened_in: Duration,
    // Dropped last: closes the browser, and removes the file.
    _browser: Browser,
    folder: tempfile::TempDir,
}

impl Page {
    /// Opens a page in a browser of its own, at a fragment of its address such as `#r=3`.
    ///
    /// # Panics
    /// If there is no Chromium, or it does not start.
    #[must_use]
    pub fn open(html: &str, fragment: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let file = folder.path().join("page.html");
        fs::write(&file, html).expect("the page can be written");
        let options = LaunchOptions::default_builder()
            .path(chromium())
            .sandbox(false)
            .window_size(Some((1600, 1000)))
            .idle_browser_timeout(PATIENCE * 6)
            .build()
            .expect("the options are complete");
        let browser = Browser::new(options).expect("Chromium starts");
        let tab = browser.new_tab().expect("Chromium opens a tab");
        tab.set_default_timeout(PATIENCE);
        let errors = listen(&tab);
        tab.navigate_to(&format!("file://{}{fragment}", file.display())).expect("the page is found");
        tab.wait_until_navigated().expect("the page opens");
        let page = Self { tab, errors, opened_in: Duration::ZERO, _browser: browser, folder };
        page.wait_for(
            "document.querySelectorAll('#list .row').length > 0 || !document.getElementById('empty').hidden",
        );
        // A picture has been drawn when the second frame begins.
        page.run("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(1))))");
        // By the clock of the browser, without what it takes to drive it: the scripts have run, and something was painted.
        let painted = page.eval(
            "Math.ceil(Math.max(performance.getEntriesByType('navigation')[0].loadEventEnd, \
             ...performance.getEntriesByType('paint').map((paint) => paint.startTime)))",
        );
        Self { opened_in: Duration::from_millis(painted.parse().expect("milliseconds")), ..page }
    }

    /// Evaluates an expression, or waits for a promise, and returns it as JSON.
    ///
    /// # Panics
    /// If the script fails.
    #[must_use]
    pub fn eval(&self, expression: &str) -> String {
        let wrapped = format!("(async () => JSON.stringify(await ({expression})) ?? 'undefined')()");
        let result =
            self.tab.evaluate(&wrapped, true).unwrap_or_else(|error| panic!("{expression}: {error}"));
        result.value.and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// Evaluates an expression for what it does.
    pub fn run(&self, expression: &str) {
        let _ = self.eval(expression);
    }

    /// Returns the text of the first element that a selector finds.
    ///
    /// # Panics
    /// If there is none.
    #[must_use]
    pub fn text(&self, selector: &str) -> String {
        self.eval(&format!("document.querySelector(`{selector}`).innerText.replaceAll('\\n', ' ')"))
            .trim_matches('"')
            .to_owned()
    }

    /// Waits until an expression is true.
    ///
    /// # Panics
    /// If that does not come.
    pub fn wait_for(&self, expression: &str) {
        let begin = Instant::now();
        while self.eval(expression) != "true" {
            assert!(begin.elapsed() < PATIENCE, "this never became true: {expression}");
            sleep(Duration::from_millis(10));
        }
    }

    /// Presses a key, as `j` or `ArrowDown`, or several one after the other.
    ///
    /// # Panics
    /// If the browser does not know the key.
    pub fn press(&self, keys: &str) {
        for key in keys.split(' ') {
            let is_shifted = key.len() == 1 && key.chars().all(char::is_uppercase);
            let modifiers: Option<&[ModifierKey]> = is_shifted.then_some(&[ModifierKey::Shift]);
            self.tab
                .press_key_with_modifiers(key, modifiers)
                .unwrap_or_else(|error| panic!("{key}: {error}"));
        }
    }

    /// Types a text into what has the focus.
    ///
    /// # Panics
    /// If the browser refuses.
    pub fn type_text(&self, text: &str) {
        self.tab.send_character(text).expect("a text can be typed");
    }

    /// Clicks in the middle of the first element that a selector finds.
    ///
    /// # Panics
    /// If there is none.
    pub fn click(&self, selector: &str) {
        let found = self.tab.wait_for_element(selector).unwrap_or_else(|error| panic!("{selector}: {error}"));
        found.click().unwrap_or_else(|error| panic!("{selector}: {error}"));
    }

    /// Writes how the page looks into a PNG file.
    ///
    /// # Panics
    /// If the file cannot be written.
    pub fn shoot(&self, file: &Path) {
        let png = self
            .tab
            .capture_screenshot(CaptureScreenshotFormatOption::Png, None, None, true)
            .expect("a picture is taken");
        fs::write(file, png).expect("the picture can be written");
    }

    /// Returns the page on paper, as PDF.
    ///
    /// # Panics
    /// If the browser refuses.
    #[must_use]
    pub fn print(&self) -> Vec<u8> {
        self.tab.print_to_pdf(None).expect("the page is printed")
    }

    /// Returns the errors that the scripts had so far.
    ///
    /// # Panics
    /// If a listener has panicked.
    #[must_use]
    pub fn errors(&self) -> Vec<String> {
        // What was reported before this is answered has arrived.
        self.run("1");
        self.errors.lock().expect("no listener panics").clone()
    }

    /// Returns the address behind the file, from `#` on.
    #[must_use]
    pub fn fragment(&self) -> String {
        self.eval("decodeURIComponent(location.hash)").trim_matches('"').to_owned()
    }

    /// Returns the folder of the page's file, which is removed with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

fn listen(tab: &Arc<Tab>) -> Arc<Mutex<Vec<String>>> {
    let errors = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&errors);
    let listener = move |event: &Event| {
        let error = match event {
            Event::RuntimeExceptionThrown(thrown) => format!("{:?}", thrown.params.exception_details),
            Event::LogEntryAdded(entry) => format!("{:?}", entry.params.entry),
            _ => return,
        };
        kept.lock().expect("no listener panics").push(error);
    };
    tab.add_event_listener(Arc::new(listener)).expect("events are listened to");
    tab.enable_runtime().expect("exceptions are reported");
    tab.enable_log().expect("the console is reported");
    errors
}
