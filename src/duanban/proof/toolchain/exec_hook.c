/* Preloaded into the programs of this machine that build and test for another one: it answers uname(2)
   as the other machine would, and starts the other machine's programs under its emulator.

   DUANBAN_EMULATOR  the emulator's path
   DUANBAN_MACHINE   e_machine of the other machine's ELF files
   DUANBAN_UNAME     what uname -m says there
   DUANBAN_STARTED   a file that gets one byte for each program of the other machine that is started */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

extern char **environ;

typedef int (*execve_t)(const char *, char *const[], char *const[]);
typedef int (*spawn_t)(pid_t *, const char *, const posix_spawn_file_actions_t *,
                       const posix_spawnattr_t *, char *const[], char *const[]);

static int is_foreign(const char *path) {
    const char *machine = getenv("DUANBAN_MACHINE");
    unsigned char head[20];
    int saved = errno, file, read_;
    if (!machine || (file = open(path, O_RDONLY | O_CLOEXEC)) < 0) {
        errno = saved;
        return 0;
    }
    read_ = (int)read(file, head, sizeof head);
    close(file);
    errno = saved;
    if (read_ != (int)sizeof head || memcmp(head, "\177ELF", 4))
        return 0;
    return head[5] == 1 && (head[18] | head[19] << 8) == atoi(machine);
}

static void count_start(void) {
    const char *path = getenv("DUANBAN_STARTED");
    int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : -1;
    if (file >= 0) {
        if (write(file, ".", 1) < 0)
            errno = 0;
        close(file);
    }
}

/* The arguments of the emulator; vfork-safe enough: alloca'd by the caller. */
static void emulated(char **to, const char *path, char *const argv[]) {
    int i;
    count_start();
    to[0] = getenv("DUANBAN_EMULATOR");
    to[1] = "-0";
    to[2] = argv[0] ? argv[0] : (char *)path;
    to[3] = (char *)path;
    for (i = 1; argv[0] && argv[i]; i++)
        to[3 + i] = argv[i];
    to[3 + i] = NULL;
}

static int count(char *const argv[]) {
    int n = 0;
    while (argv[n])
        n++;
    return n;
}

int execve(const char *path, char *const argv[], char *const envp[]) {
    execve_t real = (execve_t)dlsym(RTLD_NEXT, "execve");
    if (getenv("DUANBAN_EMULATOR") && is_foreign(path)) {
        char *args[count(argv) + 5];
        emulated(args, path, argv);
        return real(args[0], args, envp);
    }
    return real(path, argv, envp);
}

int execv(const char *path, char *const argv[]) { return execve(path, argv, environ); }

/* The file that a name stands for along PATH, in `found`; the name itself if it has a slash. */
static const char *along_path(const char *name, char found[PATH_MAX]) {
    const char *from = getenv("PATH"), *end;
    if (strchr(name, '/') || !from)
        return name;
    for (;; from = end + 1) {
        end = strchr(from, ':');
        int length = (int)(end ? end - from : (long)strlen(from));
        snprintf(found, PATH_MAX, "%.*s%s%s", length, from, length ? "/" : "", name);
        if (!access(found, X_OK))
            return found;
        if (!end)
            return name;
    }
}

int execvpe(const char *name, char *const argv[], char *const envp[]) {
    int (*real)(const char *, char *const[], char *const[]) = dlsym(RTLD_NEXT, "execvpe");
    char found[PATH_MAX];
    const char *path = along_path(name, found);
    if (is_foreign(path))
        return execve(path, argv, envp);
    return real(name, argv, envp);
}

int execvp(const char *name, char *const argv[]) { return execvpe(name, argv, environ); }

#define COLLECT(first, last)                                                                       \
    va_list list, again;                                                                           \
    int n = 1, i;                                                                                  \
    va_start(list, last);                                                                          \
    va_copy(again, list);                                                                          \
    while (va_arg(list, char *))                                                                   \
        n++;                                                                                       \
    va_end(list);                                                                                  \
    char *argv[n + 1];                                                                             \
    argv[0] = (char *)first;                                                                       \
    for (i = 1; i <= n; i++)                                                                       \
        argv[i] = va_arg(again, char *);

int execl(const char *path, const char *first, ...) {
    COLLECT(first, first)
    va_end(again);
    return execv(path, argv);
}

int execlp(const char *name, const char *first, ...) {
    COLLECT(first, first)
    va_end(again);
    return execvp(name, argv);
}

int execle(const char *path, const char *first, ...) {
    COLLECT(first, first)
    char *const *envp = va_arg(again, char *const *);
    va_end(again);
    return execve(path, argv, envp);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
    spawn_t real = (spawn_t)dlsym(RTLD_NEXT, "posix_spawn");
    if (getenv("DUANBAN_EMULATOR") && is_foreign(path)) {
        char *args[count(argv) + 5];
        emulated(args, path, argv);
        return real(pid, args[0], actions, attributes, args, envp);
    }
    return real(pid, path, actions, attributes, argv, envp);
}

int posix_spawnp(pid_t *pid, const char *name, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const argv[], char *const envp[]) {
    spawn_t real = (spawn_t)dlsym(RTLD_NEXT, "posix_spawnp");
    char found[PATH_MAX];
    const char *path = along_path(name, found);
    if (is_foreign(path))
        return posix_spawn(pid, path, actions, attributes, argv, envp);
    return real(pid, name, actions, attributes, argv, envp);
}

int uname(struct utsname *into) {
    int (*real)(struct utsname *) = dlsym(RTLD_NEXT, "uname");
    int code = real(into);
    const char *machine = getenv("DUANBAN_UNAME");
    if (!code && machine)
        snprintf(into->machine, sizeof into->machine, "%s", machine);
    return code;
}
