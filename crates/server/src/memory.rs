//! How the process gives memory back. Checking a secret takes 19 MiB for a moment; what is left at rest must not
//! depend on how many were checked.

/// Makes glibc map large blocks by themselves and unmap them when they are freed. Left alone, it learns from the
/// first such block that is freed to keep them in the heaps of its threads: 120 MiB after ten secrets.
pub fn return_large_blocks() {
    #[cfg(target_env = "gnu")]
    #[allow(unsafe_code)]
    // SAFETY: mallopt takes two numbers, and is called before the process has a second thread.
    unsafe {
        libc::mallopt(libc::M_MMAP_THRESHOLD, 8 << 20);
        libc::mallopt(libc::M_TRIM_THRESHOLD, 4 << 20);
    }
}
