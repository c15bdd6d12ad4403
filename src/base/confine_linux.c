/*
 * Landlock (landlock(7)) decides by path, seccomp (seccomp(2)) by system call, and each covers
 * what the other cannot: Landlock ignores file permissions and some ways to reach a file, and a
 * seccomp filter cannot read path names. The Landlock constants are written out because its
 * header is newer than some systems that build this; their values are the same on all
 * processors.
 */
#include "base/array.h"
#include "base/confine.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LANDLOCK_CREATE = 444, LANDLOCK_ADD = 445, LANDLOCK_RESTRICT = 446 };
enum { LANDLOCK_VERSION = 1, LANDLOCK_BENEATH = 1 };

enum {
	MAY_EXECUTE = 1 << 0,
	MAY_WRITE = 1 << 1,
	MAY_REMOVE_DIR = 1 << 4,
	MAY_MAKE_CHAR = 1 << 6,
	MAY_MAKE_DIR = 1 << 7,
	MAY_MAKE_REG = 1 << 8,
	MAY_MAKE_FIFO = 1 << 10,
	MAY_MAKE_BLOCK = 1 << 11,
	MAY_MAKE_SYM = 1 << 12,
	MAY_REFER = 1 << 13,    /* version 2 */
	MAY_TRUNCATE = 1 << 14, /* version 3 */
	SCOPE_SIGNAL = 1 << 1,  /* version 6 */
};

/* The attributes up to the newest version used here; an older kernel takes a prefix of them. */
struct ruleset {
	uint64_t files, net, scoped;
};

struct beneath {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

static int
landlock_version(void)
{
	long version = syscall(LANDLOCK_CREATE, NULL, 0, LANDLOCK_VERSION);

	return version < 0 ? 0 : (int)version;
}

static bool
seccomp_is_supported(void)
{
	/* EFAULT for the missing filter means that filters are supported */
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 && errno == EFAULT;
}

const char *
confine_means(void)
{
	static char text[48];
	int version = landlock_version();

	text[0] = '\0';
	if (version > 0)
		snprintf(text, sizeof(text), "landlock%d", version);
	if (seccomp_is_supported())
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%sseccomp",
		    version > 0 ? "+" : "");
	return text;
}

/* ---- sanitizers and coverage ---- */

/* Defined where the runtime of the sanitizer or of gcov is linked. */
extern void __sanitizer_set_report_path(const char *path) __attribute__((weak));
extern void __gcov_dump(void) __attribute__((weak));

static bool
is_sanitized(void)
{
	return __sanitizer_set_report_path != NULL;
}

/* ---- Landlock ---- */

static void
allow_beneath(int ruleset, const char *path, uint64_t allowed)
{
	int fd = open(path, O_PATH | O_CLOEXEC);
	const struct beneath rule = { .allowed = allowed, .fd = fd };

	if (fd == -1)
		return;
	(void)syscall(LANDLOCK_ADD, ruleset, LANDLOCK_BENEATH, &rule, 0);
	close(fd);
}

/* Allows new files in the folder of path; in the working directory when path has no folder. */
static void
allow_folder_of(int ruleset, const char *path, uint64_t handled)
{
	char folder[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t n = slash == NULL ? 0 : (size_t)(slash - path) + 1;

	if (n >= sizeof(folder) - 1)
		return;
	memcpy(folder, path, n);
	memcpy(folder + n, ".", 2);
	allow_beneath(ruleset, folder, handled & (MAY_MAKE_REG | MAY_WRITE | MAY_TRUNCATE));
}

/* The kernel writes a core dump with the permissions of the dying process. */
static void
allow_core(int ruleset, uint64_t handled)
{
	char pattern[PATH_MAX] = "";
	struct rlimit limit;
	FILE *f;

	if (getrlimit(RLIMIT_CORE, &limit) == -1 || limit.rlim_cur == 0)
		return;
	f = fopen("/proc/sys/kernel/core_pattern", "re");
	if (f == NULL)
		return;
	if (fgets(pattern, sizeof(pattern), f) != NULL && pattern[0] != '|')
		allow_folder_of(ruleset, pattern, handled);
	fclose(f);
}

static uint64_t
handled_files(const struct confine_how *how, int version)
{
	uint64_t handled = how->programs ? MAY_EXECUTE : 0;

	if (!how->files)
		return handled;
	handled |= MAY_WRITE | MAY_REMOVE_DIR | MAY_MAKE_CHAR | MAY_MAKE_DIR | MAY_MAKE_REG |
	    MAY_MAKE_FIFO | MAY_MAKE_BLOCK | MAY_MAKE_SYM;
	if (version >= 2)
		handled |= MAY_REFER;
	if (version >= 3)
		handled |= MAY_TRUNCATE;
	return handled;
}

static bool
restrict_paths(const struct confine_how *how)
{
	int version = landlock_version(), fd;
	struct ruleset ruleset = { .files = handled_files(how, version),
		.scoped = version >= 6 ? SCOPE_SIGNAL : 0 };
	size_t size = version >= 6 ? sizeof(ruleset) : sizeof(ruleset.files);
	uint64_t handled = ruleset.files;
	bool done;

	if (version == 0)
		return false;
	fd = (int)syscall(LANDLOCK_CREATE, &ruleset, size, 0);
	if (fd == -1)
		return false;
	for (size_t i = 0; how->files && i < how->n_writable; i++)
		allow_beneath(fd, how->writable[i], handled & (MAY_WRITE | MAY_TRUNCATE));
	if (how->files)
		allow_core(fd, handled);
	for (size_t i = 0; how->files && is_sanitized() && i < how->n_reports; i++)
		allow_folder_of(fd, how->reports[i], handled);
	done = syscall(LANDLOCK_RESTRICT, fd, 0) == 0;
	close(fd);
	return done;
}

/* ---- seccomp ---- */

/* These calls may be missing in the headers; their numbers are the same on all processors. */
enum {
	CALL_IO_URING_SETUP = 425,
	CALL_OPEN_TREE = 428,
	CALL_MOVE_MOUNT = 429,
	CALL_FSOPEN = 430,
	CALL_FSMOUNT = 432,
	CALL_OPENAT2 = 437,
	CALL_PIDFD_GETFD = 438,
	CALL_MOUNT_SETATTR = 442,
	CALL_FCHMODAT2 = 452,
	CALL_SETXATTRAT = 463,
	CALL_REMOVEXATTRAT = 466,
	CALL_FILE_SETATTR = 469,
};

static const int program_calls[] = { SYS_execve, SYS_execveat };

static const int file_calls[] = {
	SYS_mkdirat,
	SYS_mknodat,
	SYS_linkat,
	SYS_symlinkat,
	SYS_renameat2,
	SYS_truncate,
	SYS_fchmod,
	SYS_fchmodat,
	CALL_FCHMODAT2,
	SYS_fchown,
	SYS_fchownat,
	SYS_utimensat,
	SYS_setxattr,
	SYS_lsetxattr,
	SYS_fsetxattr,
	CALL_SETXATTRAT,
	SYS_removexattr,
	SYS_lremovexattr,
	SYS_fremovexattr,
	CALL_REMOVEXATTRAT,
	CALL_FILE_SETATTR,
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_open /* where open exists, so do the other calls without a directory descriptor */
	SYS_creat,
	SYS_mkdir,
	SYS_rmdir,
	SYS_mknod,
	SYS_link,
	SYS_symlink,
	SYS_rename,
	SYS_chmod,
	SYS_chown,
	SYS_lchown,
	SYS_utime,
	SYS_utimes,
	SYS_futimesat,
#endif
};

/* Calls that bypass both mechanisms, and calls that only an attacker needs here. */
static const int escape_calls[] = {
	CALL_IO_URING_SETUP,
	CALL_OPEN_TREE,
	CALL_MOVE_MOUNT,
	CALL_FSOPEN,
	CALL_FSMOUNT,
	CALL_PIDFD_GETFD,
	CALL_MOUNT_SETATTR,
	SYS_open_by_handle_at,
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_bpf,
	SYS_perf_event_open,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
	SYS_swapon,
	SYS_reboot,
};

enum { FILTER_MAX = 160, OPEN_TO_WRITE = O_ACCMODE | O_CREAT | O_TRUNC };

struct filter {
	struct sock_filter code[FILTER_MAX];
	unsigned short n;
};

static void
emit(struct filter *f, uint16_t code, uint8_t yes, uint8_t no, uint32_t k)
{
	if (f->n < FILTER_MAX)
		f->code[f->n++] = (struct sock_filter){ code, yes, no, k };
}

static void
emit_load(struct filter *f, size_t offset)
{
	emit(f, BPF_LD | BPF_W | BPF_ABS, 0, 0, (uint32_t)offset);
}

static void
emit_refuse(struct filter *f, int errnum)
{
	emit(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | (uint32_t)errnum);
}

static void
refuse_call(struct filter *f, int number, int errnum)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, (uint32_t)number);
	emit_refuse(f, errnum);
}

static void
refuse_calls(struct filter *f, const int *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++)
		refuse_call(f, numbers[i], EACCES);
}

/* Offset of the lower half of argument i. */
static size_t
argument_offset(unsigned i)
{
	size_t low = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 4 : 0;

	return offsetof(struct seccomp_data, args) + i * sizeof(uint64_t) + low;
}

/* Refuses number(...) when one of the bits is set in argument i; then reloads the call number. */
static void
refuse_bits(struct filter *f, int number, unsigned i, uint32_t bits)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, (uint32_t)number);
	emit_load(f, argument_offset(i));
	emit(f, BPF_JMP | BPF_JSET | BPF_K, 0, 1, bits);
	emit_refuse(f, EACCES);
	emit_load(f, offsetof(struct seccomp_data, nr));
}

/* TIOCSTI inserts characters into a terminal's input (ioctl_tty(2)). */
static void
refuse_tiocsti(struct filter *f)
{
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 4, SYS_ioctl);
	emit_load(f, argument_offset(1));
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 0, 1, TIOCSTI);
	emit_refuse(f, EACCES);
	emit_load(f, offsetof(struct seccomp_data, nr));
}

/* The AUDIT_ARCH_* value of this program, made from its ELF header. */
static uint32_t
own_arch(void)
{
	extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));
	uint32_t arch = __ehdr_start.e_machine;

	if (__ehdr_start.e_ident[EI_CLASS] == ELFCLASS64)
		arch |= __AUDIT_ARCH_64BIT;
	if (__ehdr_start.e_ident[EI_DATA] == ELFDATA2LSB)
		arch |= __AUDIT_ARCH_LE;
	return arch;
}

#define CALLS(table) table, ARRAY_LEN(table)

static void
make_filter(struct filter *f, const struct confine_how *how, bool opens)
{
	/* calls of another architecture, and of x32, have other numbers */
	emit_load(f, offsetof(struct seccomp_data, arch));
	emit(f, BPF_JMP | BPF_JEQ | BPF_K, 1, 0, own_arch());
	emit_refuse(f, ENOSYS);
	emit_load(f, offsetof(struct seccomp_data, nr));
	emit(f, BPF_JMP | BPF_JGE | BPF_K, 0, 1, 0x40000000);
	emit_refuse(f, ENOSYS);
	if (how->programs)
		refuse_calls(f, CALLS(program_calls));
	if (how->files) {
		refuse_calls(f, CALLS(file_calls));
		refuse_call(f, CALL_OPENAT2, ENOSYS);
	}
	if (how->files && opens) {
		refuse_bits(f, SYS_openat, 2, OPEN_TO_WRITE);
#ifdef SYS_open
		refuse_bits(f, SYS_open, 1, OPEN_TO_WRITE);
#endif
	}
	refuse_calls(f, CALLS(escape_calls));
	/* LeakSanitizer traces its own process */
	if (!is_sanitized())
		refuse_call(f, SYS_ptrace, EACCES);
	refuse_tiocsti(f);
	emit(f, BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW);
}

static bool
filter_calls(const struct confine_how *how, bool opens)
{
	struct filter f = { .n = 0 };
	struct sock_fprog program;

	make_filter(&f, how, opens);
	program = (struct sock_fprog){ .len = f.n, .filter = f.code };
	return f.n < FILTER_MAX && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

bool
confine(const struct confine_how *how)
{
	bool paths, calls;

	if (!how->files && !how->programs)
		return true;
	if (__gcov_dump != NULL || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return false;
	paths = restrict_paths(how);
	/* files that stay writable have names, and only Landlock sees names */
	calls = filter_calls(how, how->n_writable == 0 && !is_sanitized());
	return paths && calls;
}
