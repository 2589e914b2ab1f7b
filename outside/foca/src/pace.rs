//! Configurations of foca: the documented ones, and the same with short periods.

use std::num::NonZero;
use std::time::Duration;

use foca::{Config, PeriodicParams};

/// How fast foca is set to probe, and which of its extensions are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// `Config::simple()`: a probe every 1.5 s, SWIM without extensions.
    Simple,
    /// `Config::new_lan(..)`: a probe every second, all extensions.
    Lan,
    /// The same as `Lan`, ten times as fast or more, and the dead are forgotten after ten seconds.
    ShortLan,
    /// The same as `Simple`, fifteen times as fast, and the dead are forgotten after ten seconds.
    ShortSimple,
}

impl Pace {
    /// Returns how foca is configured.
    #[must_use]
    pub fn config(self, nodes: u16) -> Config {
        let lan =
            Config::new_lan(NonZero::<u32>::from(NonZero::<u16>::MIN).saturating_add(u32::from(nodes) - 1));
        let often = |millis, params: Option<PeriodicParams>| {
            params.map(|params| PeriodicParams { frequency: Duration::from_millis(millis), ..params })
        };
        match self {
            Self::Simple => Config::simple(),
            Self::Lan => lan,
            Self::ShortLan => Config {
                periodic_gossip: often(50, lan.periodic_gossip.clone()),
                periodic_announce: often(1_000, lan.periodic_announce.clone()),
                periodic_announce_to_down_members: often(
                    2_000,
                    lan.periodic_announce_to_down_members.clone(),
                ),
                ..short(lan)
            },
            Self::ShortSimple => short(Config::simple()),
        }
    }
}

/// The same configuration with short periods.
fn short(config: Config) -> Config {
    Config {
        probe_period: Duration::from_millis(100),
        probe_rtt: Duration::from_millis(40),
        suspect_to_down_after: Duration::from_millis(300),
        remove_down_after: Some(Duration::from_secs(10)),
        ..config
    }
}
