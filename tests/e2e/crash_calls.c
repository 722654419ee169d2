/* Kills its process at the N-th call that changes files below a folder: half of a write is done
 * first, any other call is not. Preloaded by crash_calls.py.
 *   CRASH_FOLDER  a part of the paths that count
 *   CRASH_AT      N; 0: never, and the number of calls is written to CRASH_COUNT at the end */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static atomic_long calls;

static int counts_path(const char* path) {
  const char* folder = getenv("CRASH_FOLDER");
  return folder != NULL && path != NULL && strstr(path, folder) != NULL;
}

static int counts_descriptor(int descriptor) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = '\0';
  return counts_path(path);
}

/* Whether this is the call. */
static int is_the_end(void) {
  const char* at = getenv("CRASH_AT");
  return atomic_fetch_add(&calls, 1) + 1 == (at == NULL ? 0 : atol(at));
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

static void die_at_path(const char* path) {
  if (counts_path(path) && is_the_end()) die();
}

static void die_at_descriptor(int descriptor) {
  if (counts_descriptor(descriptor) && is_the_end()) die();
}

__attribute__((destructor)) static void tell(void) {
  const char* path = getenv("CRASH_COUNT");
  FILE* file = path == NULL ? NULL : fopen(path, "w");
  if (file == NULL) return;
  fprintf(file, "%ld\n", (long)calls);
  fclose(file);
}

int open(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) != 0) die_at_path(path);
  return NEXT(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
  va_end(rest);
  if ((flags & O_CREAT) != 0) die_at_path(path);
  return NEXT(open)(path, flags | O_LARGEFILE, mode);
}

ssize_t write(int descriptor, const void* bytes, size_t size) {
  if (counts_descriptor(descriptor) && is_the_end()) {
    (void)NEXT(write)(descriptor, bytes, size / 2);
    die();
  }
  return NEXT(write)(descriptor, bytes, size);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t offset) {
  if (counts_descriptor(descriptor) && is_the_end()) {
    (void)NEXT(pwrite)(descriptor, bytes, size / 2, offset);
    die();
  }
  return NEXT(pwrite)(descriptor, bytes, size, offset);
}

int fsync(int descriptor) {
  die_at_descriptor(descriptor);
  return NEXT(fsync)(descriptor);
}

int fdatasync(int descriptor) {
  die_at_descriptor(descriptor);
  return NEXT(fdatasync)(descriptor);
}

int rename(const char* from, const char* to) {
  die_at_path(to);
  return NEXT(rename)(from, to);
}

int mkdir(const char* path, mode_t mode) {
  die_at_path(path);
  return NEXT(mkdir)(path, mode);
}

int unlinkat(int folder, const char* path, int flags) {
  if ((counts_path(path) || (path[0] != '/' && counts_descriptor(folder))) && is_the_end()) die();
  return NEXT(unlinkat)(folder, path, flags);
}

int unlink(const char* path) {
  die_at_path(path);
  return NEXT(unlink)(path);
}

int remove(const char* path) {
  die_at_path(path);
  return NEXT(remove)(path);
}

int rmdir(const char* path) {
  die_at_path(path);
  return NEXT(rmdir)(path);
}
