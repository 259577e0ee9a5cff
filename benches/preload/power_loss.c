/* Preloaded into a server so that a loss of power can be simulated after it was killed: writes down what a
 * fsync has made durable, and keeps what was unlinked or replaced. It changes no result of any call.
 *
 * POWER_LOSS_ROOT   the directory that is watched, absolute
 * POWER_LOSS_KEEP   a directory of the same file system: unlinked files live on there under their inode number
 * POWER_LOSS_LOG    lines, fields divided by tabs, in the order in which things happened:
 *   S inode length            the file was synced; so long was it before the sync began
 *   T inode                   the file was cut to nothing
 *   B directory token         a sync of the directory begins
 *   D directory token         it ended well
 *   C directory name inode    the name was made (a file, a hard link, a directory)
 *   U directory name          the name was removed
 *   R directory name directory name   renamed, replacing what had the second name
 *
 * Not seen: what fopen creates (RocksDB's LOG), in-place writes, mmap. sync_file_range counts for nothing. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *root, *keep;
static size_t root_length;
static int log_fd = -1;
static unsigned long tokens;
/* Held while a name changes and its line is written, so that lines stand in the order of the changes. */
static pthread_mutex_t names = PTHREAD_MUTEX_INITIALIZER;

#define REAL(name) ((__typeof__(&name))real(#name))

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

__attribute__((constructor)) static void start(void) {
    const char *log = getenv("POWER_LOSS_LOG");
    root = getenv("POWER_LOSS_ROOT");
    keep = getenv("POWER_LOSS_KEEP");
    if (!log || !root || !keep) return;
    root_length = strlen(root);
    log_fd = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) abort();
}

static void line(const char *format, ...) {
    char text[2 * NAME_MAX + 128];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length <= 0 || (size_t)length >= sizeof text || write(log_fd, text, length) != length) abort();
}

static int inside(const char *path) {
    return log_fd >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || !path[root_length]);
}

/* Whether an open file lies under the root. */
static int watched(int fd) {
    char link[64], path[PATH_MAX];
    if (log_fd < 0) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length <= 0) return 0;
    path[length] = 0;
    return inside(path);
}

struct place {
    unsigned long directory;
    char name[NAME_MAX + 1];
};

/* The directory's inode and the last name of a path; 0 if it does not lie under the root. */
static int locate(int at, const char *path, struct place *place) {
    char whole[PATH_MAX], parent[PATH_MAX];
    struct stat status;
    if (log_fd < 0) return 0;
    if (path[0] == '/' || at == AT_FDCWD) {
        if (snprintf(whole, sizeof whole, "%s", path) >= (int)sizeof whole) return 0;
    } else if (snprintf(whole, sizeof whole, "/proc/self/fd/%d/%s", at, path) >= (int)sizeof whole) {
        return 0;
    }
    size_t end = strlen(whole);
    while (end > 1 && whole[end - 1] == '/') whole[--end] = 0;
    char *slash = strrchr(whole, '/');
    const char *name = slash ? slash + 1 : whole;
    if (strlen(name) > NAME_MAX) return 0;
    strcpy(place->name, name);
    if (slash) slash[slash == whole] = 0;
    if (!realpath(slash ? whole : ".", parent) || !inside(parent) || stat(parent, &status)) return 0;
    place->directory = status.st_ino;
    return 1;
}

static unsigned long inode_at(int at, const char *path) {
    struct stat status;
    return fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW) ? 0 : status.st_ino;
}

/* A second name outside the root, so that the content outlives the first. */
static void preserve(int at, const char *path) {
    char kept[PATH_MAX];
    struct stat status;
    if (fstatat(at, path, &status, AT_SYMLINK_NOFOLLOW) || !S_ISREG(status.st_mode)) return;
    snprintf(kept, sizeof kept, "%s/%lu", keep, (unsigned long)status.st_ino);
    if (REAL(linkat)(at, path, AT_FDCWD, kept, 0) && errno != EEXIST) abort();
}

/* --- syncs --- */

static int synced(int fd, int (*sync)(int)) {
    struct stat status;
    if (!watched(fd) || fstat(fd, &status)) return sync(fd);
    if (!S_ISDIR(status.st_mode)) {
        int result = sync(fd);
        if (result == 0) line("S\t%lu\t%lld\n", (unsigned long)status.st_ino, (long long)status.st_size);
        return result;
    }
    pthread_mutex_lock(&names);
    /* The watched process may start others. */
    unsigned long token = ((unsigned long)getpid() << 32) + ++tokens;
    line("B\t%lu\t%lu\n", (unsigned long)status.st_ino, token);
    pthread_mutex_unlock(&names);
    int result = sync(fd);
    if (result == 0) line("D\t%lu\t%lu\n", (unsigned long)status.st_ino, token);
    return result;
}

int fsync(int fd) { return synced(fd, REAL(fsync)); }
int fdatasync(int fd) { return synced(fd, REAL(fdatasync)); }

/* --- names --- */

static int opened(int at, const char *path, int flags, mode_t mode) {
    struct place place;
    if (!(flags & (O_CREAT | O_TRUNC)) || !locate(at, path, &place)) return REAL(openat)(at, path, flags, mode);
    pthread_mutex_lock(&names);
    unsigned long before = inode_at(at, path);
    int fd = REAL(openat)(at, path, flags, mode);
    if (fd >= 0 && !before) line("C\t%lu\t%s\t%lu\n", place.directory, place.name, inode_at(at, path));
    if (fd >= 0 && before && (flags & O_TRUNC)) line("T\t%lu\n", before);
    pthread_mutex_unlock(&names);
    return fd;
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

int creat(const char *path, mode_t mode) { return opened(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int unlinkat(int at, const char *path, int flags) {
    struct place place;
    if (!locate(at, path, &place)) return REAL(unlinkat)(at, path, flags);
    pthread_mutex_lock(&names);
    preserve(at, path);
    int result = REAL(unlinkat)(at, path, flags);
    if (result == 0) line("U\t%lu\t%s\n", place.directory, place.name);
    pthread_mutex_unlock(&names);
    return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int renameat2(int from_at, const char *from, int to_at, const char *to, unsigned flags) {
    struct place old, new;
    int old_inside = locate(from_at, from, &old), new_inside = locate(to_at, to, &new);
    if (!old_inside && !new_inside) return REAL(renameat2)(from_at, from, to_at, to, flags);
    /* Into or out of the root would need a model of the outside. */
    if (!old_inside || !new_inside || (flags & ~RENAME_NOREPLACE)) abort();
    pthread_mutex_lock(&names);
    preserve(to_at, to);
    int result = REAL(renameat2)(from_at, from, to_at, to, flags);
    if (result == 0) line("R\t%lu\t%s\t%lu\t%s\n", old.directory, old.name, new.directory, new.name);
    pthread_mutex_unlock(&names);
    return result;
}

int renameat(int from_at, const char *from, int to_at, const char *to) { return renameat2(from_at, from, to_at, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }

int linkat(int from_at, const char *from, int to_at, const char *to, int flags) {
    struct place place;
    if (!locate(to_at, to, &place)) return REAL(linkat)(from_at, from, to_at, to, flags);
    pthread_mutex_lock(&names);
    int result = REAL(linkat)(from_at, from, to_at, to, flags);
    if (result == 0) line("C\t%lu\t%s\t%lu\n", place.directory, place.name, inode_at(to_at, to));
    pthread_mutex_unlock(&names);
    return result;
}

int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int mkdirat(int at, const char *path, mode_t mode) {
    struct place place;
    if (!locate(at, path, &place)) return REAL(mkdirat)(at, path, mode);
    pthread_mutex_lock(&names);
    int result = REAL(mkdirat)(at, path, mode);
    if (result == 0) line("C\t%lu\t%s\t%lu\n", place.directory, place.name, inode_at(at, path));
    pthread_mutex_unlock(&names);
    return result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }
