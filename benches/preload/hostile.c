/* Preloaded into a server to try it on a disk that is full, read-only or broken, and with a clock that jumps.
 *
 * HOSTILE_ROOT      the directory whose disk it is, absolute
 * HOSTILE_CONTROL   a file that holds `struct control`; whoever started the server changes it while the server runs */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct control {
    int64_t room;         /* bytes that the disk still takes; negative: no bound */
    int64_t clock_offset; /* nanoseconds that are added to the time of day */
    int64_t sync_errno;   /* what every sync fails with; 0: none does */
    int64_t read_only;    /* not 0: nothing can be changed */
};

static const char *root;
static size_t root_length;
static volatile struct control *control;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("HOSTILE_CONTROL");
    root = getenv("HOSTILE_ROOT");
    if (!root || !path) return;
    root_length = strlen(root);
    int fd = REAL(open)(path, O_RDWR | O_CLOEXEC);
    if (fd < 0) abort();
    void *map = mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (map == MAP_FAILED) abort();
    close(fd);
    control = map;
}

static int inside(const char *path) {
    return strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

/* Whether an open file lies under the root. */
static int watched(int fd) {
    char link[64], path[PATH_MAX];
    if (!control) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return inside(path);
}

/* Whether a name, of something that may not be there yet, lies under the root. */
static int named(int at, const char *path) {
    char whole[PATH_MAX], base[PATH_MAX], link[64];
    if (!control) return 0;
    if (path[0] == '/') return inside(path);
    if (at == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        snprintf(link, sizeof link, "/proc/self/fd/%d", at);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length <= 0) return 0;
        base[length] = 0;
    }
    return snprintf(whole, sizeof whole, "%s/%s", base, path) < (int)sizeof whole && inside(whole);
}

static int refused(int at, const char *path) {
    if (!control || !control->read_only || !named(at, path)) return 0;
    errno = EROFS;
    return 1;
}

/* --- room --- */

/* How much of a write the disk takes: all, a first part, or -1 and ENOSPC. */
static ssize_t admit(int fd, size_t count) {
    if (!control || control->room < 0 || !count || !watched(fd)) return (ssize_t)count;
    for (;;) {
        int64_t room = control->room;
        if (room < 0) return (ssize_t)count;
        if (room == 0) {
            errno = ENOSPC;
            return -1;
        }
        int64_t taken = room < (int64_t)count ? room : (int64_t)count;
        if (__sync_bool_compare_and_swap(&control->room, room, room - taken)) return taken;
    }
}

ssize_t write(int fd, const void *bytes, size_t count) {
    ssize_t taken = admit(fd, count);
    return taken < 0 ? -1 : REAL(write)(fd, bytes, taken);
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
    ssize_t taken = admit(fd, count);
    return taken < 0 ? -1 : REAL(pwrite)(fd, bytes, taken, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) { return pwrite(fd, bytes, count, at); }

ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!control || control->room < 0 || count < 1 || !watched(fd)) return REAL(writev)(fd, parts, count);
    return write(fd, parts[0].iov_base, parts[0].iov_len);
}

static int no_room(int fd, off_t length) {
    if (!control || control->room < 0 || !watched(fd) || length <= control->room) return 0;
    errno = ENOSPC;
    return 1;
}

int fallocate(int fd, int mode, off_t at, off_t length) {
    return no_room(fd, length) ? -1 : REAL(fallocate)(fd, mode, at, length);
}

int fallocate64(int fd, int mode, off64_t at, off64_t length) { return fallocate(fd, mode, at, length); }

int posix_fallocate(int fd, off_t at, off_t length) {
    return no_room(fd, length) ? ENOSPC : REAL(posix_fallocate)(fd, at, length);
}

int posix_fallocate64(int fd, off64_t at, off64_t length) { return posix_fallocate(fd, at, length); }

/* --- syncs --- */

static int synced(int fd, int (*sync)(int)) {
    if (control && control->sync_errno && watched(fd)) {
        errno = (int)control->sync_errno;
        return -1;
    }
    return sync(fd);
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

/* --- a read-only disk --- */

static int opened(int at, const char *path, int flags, mode_t mode) {
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)) && refused(at, path)) {
        struct stat status;
        /* What is not there and cannot be made is said to be read-only; so does Linux. */
        if ((flags & O_CREAT) || fstatat(at, path, &status, 0) == 0) return -1;
        errno = ENOENT;
        return -1;
    }
    return REAL(openat)(at, path, flags, mode);
}

static mode_t mode_of(int flags, va_list arguments) {
    return flags & (O_CREAT | O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

#define OPEN(name, parameters, at)                   \
    int name parameters {                            \
        va_list arguments;                           \
        va_start(arguments, flags);                  \
        mode_t mode = mode_of(flags, arguments);     \
        va_end(arguments);                           \
        return opened(at, path, flags, mode);        \
    }
OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int at, const char *path, int flags, ...), at)
OPEN(openat64, (int at, const char *path, int flags, ...), at)

FILE *fopen(const char *path, const char *mode) {
    return strpbrk(mode, "wa+") && refused(AT_FDCWD, path) ? NULL : REAL(fopen)(path, mode);
}
FILE *fopen64(const char *path, const char *mode) { return fopen(path, mode); }

int unlink(const char *path) { return refused(AT_FDCWD, path) ? -1 : REAL(unlink)(path); }
int rmdir(const char *path) { return refused(AT_FDCWD, path) ? -1 : REAL(rmdir)(path); }
int mkdir(const char *path, mode_t mode) {
    struct stat status;
    /* mkdir of what is there says that first. */
    if (refused(AT_FDCWD, path) && stat(path, &status)) {
        errno = EROFS;
        return -1;
    }
    return REAL(mkdir)(path, mode);
}
int rename(const char *from, const char *to) {
    return refused(AT_FDCWD, from) || refused(AT_FDCWD, to) ? -1 : REAL(rename)(from, to);
}
int link(const char *from, const char *to) { return refused(AT_FDCWD, to) ? -1 : REAL(link)(from, to); }
int ftruncate(int fd, off_t length) {
    if (control && control->read_only && watched(fd)) {
        errno = EROFS;
        return -1;
    }
    return REAL(ftruncate)(fd, length);
}
int ftruncate64(int fd, off64_t length) { return ftruncate(fd, length); }

/* --- the time of day --- */

int clock_gettime(clockid_t clock, struct timespec *time) {
    /* Asked for so often that looking it up each time would be felt. */
    static int (*found)(clockid_t, struct timespec *);
    if (!found) found = REAL(clock_gettime);
    int result = found(clock, time);
    if (result == 0 && control && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
        int64_t all = (int64_t)time->tv_sec * 1000000000 + time->tv_nsec + control->clock_offset;
        time->tv_sec = all / 1000000000;
        time->tv_nsec = all % 1000000000;
    }
    return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    struct timespec now;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return result;
}

time_t time(time_t *to) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (to) *to = now.tv_sec;
    return now.tv_sec;
}
