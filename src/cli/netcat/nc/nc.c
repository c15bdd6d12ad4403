#include "cli/netcat/nc/nc.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/error.h"
#include "cli/help/pages.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_run.h"
#include "cli/netcat/nc/nc_args.h"
#include "cli/netcat/nc/nc_check.h"
#include "cli/netcat/nc/nc_line.h"
#include "cli/netcat/nc/nc_ports.h"
#include "cli/netcat/nc/nc_secret.h"
#include "cli/netcat/usock_line.h"
#include "net/ports.h"

/* So often a password is asked for. */
enum { PASSWORDS_MAX = 3 };

/* ---- messages before there is a report ---- */

static int
fail_early(const char *text)
{
	fprintf(stderr, "%s: %s\n", foreign_nc.command, text);
	return 1;
}

static int
print_usage(const struct nc *nc, int status)
{
	foreign_help_synopsis(stderr, &foreign_nc, nc->args.variant, "[destination] [port]");
	return status;
}

/* What the letters of other netcats are here. */
static const struct {
	char letter;
	const char *hint;
} others[] = {
	{ '-', "long options are those of ncat: usock ncat, with the same words" },
	{ 'c',
	    "usock ncat -c LINE runs a line of shell, usock nc --openbsd -c is TLS; -N ends with "
	    "the input, -C sends CR LF" },
	{ 'e',
	    "usock ncat -e 'PROGRAM ARG...' runs a program, with the other words as they are; "
	    "usock listen PORT -- PROGRAM ARG..." },
	{ 'f', "usock connect tty:DEVICE" },
	{ 'G', "-w SECONDS limits the time to connect; usock ncat -4 -G N -g HOP,... is a route" },
	{ 'g', "usock ncat -4 -g HOP,... is a source route" },
	{ 'L', "-lk listens for one client after the other" },
	{ 'o', "usock ncat -x FILE keeps what moves, in hexadecimal" },
};

static int
refuse_words(const struct nc *nc)
{
	(void)print_usage(nc, 1);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (others[i].letter == nc->args.unknown)
			fprintf(stderr, "%s: hint: %s\n", foreign_nc.command, others[i].hint);
	return 1;
}

static int
print_nc_help(const struct nc *nc)
{
	bool other = nc->args.variant == FOREIGN_OTHER;

	fprintf(stderr, "OpenBSD netcat%s, by usock " USOCK_VERSION "\n",
	    other ? "" : " (Debian patchlevel 1.219-1)");
	(void)print_usage(nc, 0);
	fputs("\tCommand Summary:\n", stderr);
	foreign_help_options(stderr, &foreign_nc, nc->args.variant);
	fputs("\tPort numbers can be individual or ranges: lo-hi [inclusive]\n", stderr);
	return 0;
}

/* ---- run ---- */

struct totals {
	bool any, failed, last;
};

/* A proxy that wants a login is asked again with one. */
static bool
wants_password(const struct foreign_voice *v, const struct error *e)
{
	return e->code == ERROR_PROXY && strstr(e->text, " 407 ") != NULL &&
	    nc_secret_wants_password(v->arg);
}

/* Makes the line and runs it once. Returns the exit status. */
static int
run_nc_once(struct nc *nc, const struct nc_ports *ports)
{
	struct usock_line line = { .n = 0 };

	nc_line_make(nc, ports, &line);
	return foreign_run(&nc->voice, &nc->args, &line);
}

static int
run_with_password(struct nc *nc, const struct nc_ports *ports)
{
	const char *fault =
	    nc->args.explain && nc_secret_wants_password(nc) ? nc_secret_ask_password(nc) : NULL;
	int status = fault == NULL ? run_nc_once(nc, ports) : 1;

	for (int i = 0; fault == NULL && nc->voice.again; i++) {
		fault = i < PASSWORDS_MAX ? nc_secret_ask_password(nc)
					  : "Too many authentication failures";
		if (fault == NULL)
			status = run_nc_once(nc, ports);
	}
	if (fault == NULL)
		return status;
	nc->voice.last = true;
	return fail_early(fault);
}

/* -v says whether a port of datagrams is open, and so it has to be asked. */
static bool
is_asked_first(const struct nc *nc)
{
	const unsigned mode = FOREIGN_INET | FOREIGN_CONNECT | FOREIGN_DATAGRAM;

	return (nc->mode & mode) == mode && GIVEN(nc, 'v');
}

/* Tests the port alone. Returns the exit status. */
static int
ask_port(struct nc *nc, const struct nc_ports *ports)
{
	const unsigned mode = nc->mode;
	int status;

	nc->mode = nc->voice.mode = (mode & ~(unsigned)FOREIGN_DATAGRAM) | FOREIGN_SCAN;
	status = run_nc_once(nc, ports);
	nc->mode = nc->voice.mode = mode;
	return status;
}

static void
run_nc_line(struct nc *nc, const struct nc_ports *ports, struct totals *t)
{
	char port[16];
	int status;

	snprintf(port, sizeof(port), "%u", ports->lo);
	nc->voice.port = nc->ports != NULL && nc_args_listens(nc) ? nc->ports[0] : port;
	if (is_asked_first(nc) && ask_port(nc, ports) != 0)
		return;
	status = run_with_password(nc, ports);
	t->any = t->any || status == 0;
	/* what was connected and then failed is not hidden by the next port */
	t->failed = t->failed || (status != 0 && nc->voice.phase == FOREIGN_RELAYING);
	t->last = nc->voice.failed && nc->voice.last;
}

/* Runs a line that others may follow: they have the same input and output. */
static void
run_again(struct nc *nc, const struct nc_ports *ports, struct totals *t)
{
	int kept[2] = { -1, -1 };
	int fd;

	for (fd = 0; fd < 2 && nc->several; fd++)
		kept[fd] = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	run_nc_line(nc, ports, t);
	for (fd = 0; fd < 2 && nc->several; fd++) {
		if (kept[fd] < 0)
			continue;
		dup2(kept[fd], fd);
		close(kept[fd]);
	}
}

/* Runs a line for each port of a range, or one for all where they are only tested. */
static void
run_range(struct nc *nc, const struct nc_ports *range, struct totals *t)
{
	const size_t n = (size_t)(range->hi - range->lo) + 1;
	static uint16_t ports[UINT16_MAX + 1];
	struct nc_ports one;

	if ((nc->mode & FOREIGN_SCAN) != 0) {
		run_nc_line(nc, range, t);
		return;
	}
	for (size_t i = 0; i < n; i++)
		ports[i] = (uint16_t)(range->lo + i);
	if (GIVEN(nc, 'r'))
		ports_shuffle(ports, n);
	for (size_t i = 0; i < n && !t->last; i++) {
		one = (struct nc_ports){ ports[i], ports[i] };
		run_again(nc, &one, t);
	}
}

static int
run_ports(struct nc *nc)
{
	const struct nc_ports none = { 0, 0 };
	struct totals t = { .any = false };
	struct nc_ports range;
	struct error e;

	if (nc_args_is_unix(nc) || nc_args_listens(nc)) {
		run_nc_line(nc, &none, &t);
		return !t.any;
	}
	for (char **p = nc->ports; *p != NULL; p++)
		if (nc_ports_parse(nc, *p, &range, &e) < 0)
			return fail_early(e.text);
		else
			nc->several = nc->several || p[1] != NULL || range.lo < range.hi;
	for (char **p = nc->ports; *p != NULL && !t.last; p++)
		if (nc_ports_parse(nc, *p, &range, NULL) == 0)
			run_range(nc, &range, &t);
	return t.failed || t.last || !t.any;
}

/* ---- the command ---- */

static void
set_voice(struct nc *nc)
{
	nc->voice.program = &foreign_nc;
	nc->voice.mode = nc->mode;
	nc->voice.host = nc->host;
	nc->voice.proto = nc_args_is_datagrams(nc) ? "udp" : "tcp";
	nc->voice.verbose = (int)foreign_count(&nc->args, 'v');
	nc->voice.numeric = GIVEN(nc, 'n');
	nc->voice.via_host = GIVEN(nc, 'x') ? nc->proxy_host : NULL;
	nc->voice.via_port = nc->proxy_port;
	nc->voice.runs_again = wants_password;
	nc->voice.arg = nc;
}

static int
run_nc(struct nc *nc)
{
	const char *fault;
	char text[512];
	struct error e;

	nc->mode = nc_args_mode(nc);
	nc_args_settle_family(nc);
	if (!nc_args_take_operands(nc))
		return print_usage(nc, 1);
	fault = nc_check_options(nc);
	if (fault == NULL)
		fault = nc_secret_ask_key(nc);
	if (fault != NULL)
		return fail_early(fault);
	if (!nc_check_address(nc, text, sizeof(text)))
		return fail_early(text);
	if (nc_ports_own(nc, &e) < 0)
		return fail_early(e.text);
	set_voice(nc);
	return run_ports(nc);
}

int
nc_run(const struct cmd *cmd, int argc, char **argv)
{
	struct nc nc = { .mode = 0 };
	struct error e;
	int rc;

	if (argc > 1 && strcmp(argv[1], "--help") == 0)
		return pages_show_usage(cmd);
	rc = foreign_parse(&foreign_nc, argc, argv, &nc.args, &e);
	if (GIVEN(&nc, 'h'))
		return print_nc_help(&nc);
	if (rc < 0) {
		(void)fail_early(e.text);
		return rc == -1 ? refuse_words(&nc) : 1;
	}
	return run_nc(&nc);
}
