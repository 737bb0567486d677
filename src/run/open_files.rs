//! How many checks the files that this process may open carry: what waits for one in vain would be
//! told as its server's silence.

use std::num::NonZeroUsize;

use crate::plan::Plan;

/// Standard streams, the list, and what the runtime and the signals take (fourteen were counted).
const OWN: u64 = 16;
/// What each thread's runtime takes.
const FOR_A_THREAD: u64 = 4;
/// A connection, and beside it a lookup or one to a second address.
const FOR_A_CHECK: u64 = 2;

/// Raises the limit where that is allowed, and puts fewer checks under way where it carries fewer.
pub(super) fn respect(plan: &mut Plan) {
    // Where nothing is known of a limit there is none.
    let Ok(limit) = rlimit::increase_nofile_limit(u64::MAX) else { return };
    let threads = plan.pace.threads.get() as u64;
    let others = OWN + plan.files.len() as u64 + FOR_A_THREAD * threads.saturating_sub(1);
    let carried = limit.saturating_sub(others) / FOR_A_CHECK;
    let carried = usize::try_from(carried).ok().and_then(NonZeroUsize::new).unwrap_or(NonZeroUsize::MIN);
    plan.pace.concurrency = plan.pace.concurrency.min(carried);
}
