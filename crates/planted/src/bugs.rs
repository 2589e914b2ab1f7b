//! The worlds with bugs.

pub(crate) mod all_then_window;
pub(crate) mod chain_4;
pub(crate) mod expire_before_refresh;
pub(crate) mod flap_coalesced;
pub(crate) mod hold_cycle;
pub(crate) mod lost_dirty_bit;
pub(crate) mod notify_after_deregister;
pub(crate) mod ping_pong_5;
pub(crate) mod queue_overflow_16;
pub(crate) mod refcount_lost_update;
pub(crate) mod removed_listener_hears;
pub(crate) mod reorder_10;
pub(crate) mod reply_after_cancellation;
pub(crate) mod stale_handle_aba;
