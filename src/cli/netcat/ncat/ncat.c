#include "cli/netcat/ncat/ncat.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "cli/netcat/foreign_help.h"
#include "cli/netcat/foreign_run.h"
#include "cli/netcat/ncat/ncat_args.h"
#include "cli/netcat/ncat/ncat_check.h"
#include "cli/netcat/ncat/ncat_line.h"
#include "cli/netcat/usock_line.h"

/* ---- messages before there is a report ---- */

static int
quit(const char *text)
{
	fprintf(stderr, "Ncat: %s QUITTING.\n", text);
	return 2;
}

static int
print_ncat_help(void)
{
	puts("Ncat " NCAT_VERSION " ( https://nmap.org/ncat ), by usock " USOCK_VERSION);
	puts("Usage: ncat [options] [hostname] [port]\n");
	puts("Times are in seconds, or have the unit ms, s, m or h (500ms).");
	foreign_help_options(stdout, &foreign_ncat, FOREIGN_USUAL);
	return 0;
}

/* ---- run ---- */

static void
set_ncat_voice(struct ncat *nc)
{
	struct foreign_voice *v = &nc->voice;

	v->program = &foreign_ncat;
	v->mode = nc->mode;
	v->host = nc->host;
	v->port = ncat_args_port(nc);
	v->proto = NAMED(nc, "udp") ? "udp" : "tcp";
	v->verbose = (int)foreign_count(&nc->args, 'v');
	v->numeric = true;
	v->idle = nc->idle[0] != '\0' ? nc->idle : NULL;
	v->source = foreign_value_name(&nc->args, "source");
	v->via_host = NAMED(nc, "proxy") ? nc->proxy.host : NULL;
	if (v->via_host != NULL)
		v->mode |= FOREIGN_PROXIED | (nc->proxy.is_remote ? FOREIGN_REMOTE : 0);
	v->via_port = nc->proxy.port;
	if (ncat_args_listens(nc) && !ncat_args_is_unix(nc) && nc->host == NULL &&
	    !GIVEN(nc, '4') && !GIVEN(nc, '6'))
		v->mode |= FOREIGN_DUAL;
}

/* A host without an address here is looked up by the proxy. */
static bool
is_for_proxy(const struct foreign_voice *v, const struct error *e)
{
	const struct ncat *nc = v->arg;

	return nc->proxy.other_scheme != NULL && !nc->proxy.is_remote && e->code == ERROR_RESOLVE &&
	    strncmp(e->text, "proxy", 5) != 0;
}

/* Makes the line and runs it once. Returns the exit status, which is not that of a program: handlers fail, and the loop
 * around ncat goes on. */
static int
run_ncat_once(struct ncat *nc)
{
	struct usock_line line = { .n = 0 };
	int status;

	ncat_line_make(nc, &line);
	set_ncat_voice(nc);
	status = foreign_run(&nc->voice, &nc->args, &line);
	return ncat_args_has_program(nc) && !nc->voice.failed && !nc->args.explain ? 0 : status;
}

static int
run_ncat_line(struct ncat *nc)
{
	int status;

	if (ncat_args_probes(nc) && !nc->args.explain && usock_line_take_null() < 0)
		return quit("Cannot open /dev/null.");
	nc->voice.runs_again = is_for_proxy;
	nc->voice.arg = nc;
	status = run_ncat_once(nc);
	if (!nc->voice.again)
		return status;
	nc->proxy.is_remote = true;
	nc->proxy.scheme = nc->proxy.other_scheme;
	return run_ncat_once(nc);
}

static int
run_ncat(struct ncat *nc)
{
	const char *fault;
	char text[512];

	nc->mode = ncat_args_mode(nc);
	if (!ncat_check_values(nc, text, sizeof(text)))
		return quit(text);
	fault = ncat_check_conflicts(nc);
	if (fault == NULL)
		fault = ncat_proxy_parse(&nc->proxy, &nc->args, ncat_args_listens(nc));
	if (fault != NULL)
		return quit(fault);
	if (!ncat_check_operands(nc, text, sizeof(text)) ||
	    !ncat_route_parse(&nc->route, &nc->args, text, sizeof(text)))
		return quit(text);
	if (NAMED(nc, "max-conns") && !NAMED(nc, "keep-open") && !ncat_args_brokers(nc))
		fputs("Ncat: Warning: Maximum connections ignored, since it does not take effect "
		      "without -k or --broker.\n",
		    stderr);
	return run_ncat_line(nc);
}

int
ncat_run(const struct cmd *cmd, int argc, char **argv)
{
	struct ncat nc = { .mode = 0 };
	struct error e;
	int rc;

	(void)cmd;
	rc = foreign_parse(&foreign_ncat, argc, argv, &nc.args, &e);
	if (GIVEN(&nc, 'h'))
		return print_ncat_help();
	if (NAMED(&nc, "version")) {
		fputs("Ncat: " NCAT_BANNER "\n", stderr);
		return 0;
	}
	if (rc == -2)
		return quit(e.text);
	if (rc < 0) {
		fprintf(stderr, "ncat: %s\n", e.text);
		return quit("Try `--help' or man(1) ncat for more information, usage options and "
			    "help.");
	}
	if (GIVEN(&nc, 'v') && !nc.args.explain)
		fputs("Ncat: " NCAT_BANNER "\n", stderr);
	rc = run_ncat(&nc);
	ncat_words_fini(&nc.words);
	return rc;
}
