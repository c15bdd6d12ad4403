/*
 * The options of usock listen, and how they may be combined.
 */
#ifndef CLI_LISTEN_LISTEN_OPTS_H
#define CLI_LISTEN_LISTEN_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "cli/listen/service/forward_opts.h"
#include "cli/options/access_opts.h"
#include "cli/options/allow_opts.h"
#include "cli/options/bind_opts.h"
#include "cli/options/proxy/proxy_opts.h"
#include "cli/options/server_opts.h"
#include "cli/options/session_opts.h"
#include "cli/options/target.h"
#include "cli/options/tls_opts.h"
#include "cli/options/websocket_opts.h"
#include "cli/suite/suite_opts.h"

/* Default limit of running programs of clients. */
#define LISTEN_CHILDREN_MAX 256

struct replay;

struct listen_opts {
	struct bind_opts bind;
	struct time_opts time;
	struct data_opts data;
	struct tls_opts tls;
	struct access_opts access;
	struct server_opts server;
	struct websocket_opts websocket;
	struct allow_opts allow;
	struct report_opts report;
	struct suite_opts suite;
	struct forward_opts forward;
	struct proxy_opts proxy; /* of --forward */
	bool keep_open, serial, first_sender, echo, discard, broadcast_input, broker, chat;
	bool refuse, unlink, exec_stderr, print_sender, pty, no_half_open;
	const char *shell_line, *send_file, *script_file;
	const char *mode, *user, *group;
	int64_t max_clients;  /* 0: not given */
	int64_t max_children; /* 0: not given */
	int64_t backlog;
	struct replay *replay; /* of usock replay, which is no option; NULL: none */
};

extern const struct opt_group listen_groups[];
extern const char *const listen_conflicts[];
extern const char *const listen_alone[];

/* Sets the defaults; values is a struct listen_opts. */
void listen_opts_defaults(void *values);

/* Sets what given options mean for others, before anything is checked. */
void listen_opts_imply(struct listen_opts *o);

/* Returns the limit of running programs of clients: of one worker, where there are several. */
unsigned listen_opts_max_children(const struct listen_opts *o);

/* Reads where to listen and with what socket. ERROR_USAGE for options that cannot be combined:
 * with a program after --, with each other, and with the address. The caller calls target_fini()
 * after success. */
int listen_opts_parse_target(const struct listen_opts *o, const struct opt_rest *rest,
    struct target *ret_target, struct error *e);

#endif
