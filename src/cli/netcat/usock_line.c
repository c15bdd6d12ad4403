#include "cli/netcat/usock_line.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/core/cmd.h"
#include "cli/options/address_args.h"
#include "cli/options/report_opts.h"
#include "cli/output/report.h"
#include "net/endpoint.h"

/* ---- words ---- */

void
usock_line_add(struct usock_line *line, const char *fmt, ...)
{
	char *word = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = line->n < USOCK_LINE_WORDS_MAX ? vasprintf(&word, fmt, ap) : -1;
	va_end(ap);
	if (n < 0)
		line->failed = true;
	else
		line->words[line->n++] = word;
}

void
usock_line_add_words(struct usock_line *line, const char *words, const char *value)
{
	size_t len, before;

	for (; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		before = strcspn(words, " %");
		if (before == len)
			usock_line_add(line, "%.*s", (int)len, words);
		else
			usock_line_add(line, "%.*s%s%.*s", (int)before, words,
			    value != NULL ? value : "", (int)(len - before - 1),
			    words + before + 1);
	}
}

void
usock_line_add_options(struct usock_line *line, const struct foreign_args *args, unsigned mode)
{
	const struct foreign *f = args->program;

	for (size_t i = 0; i < f->n_opts; i++) {
		const struct foreign_opt *o = &f->opts[i];
		const char *words = (mode & FOREIGN_LISTEN) != 0 ? o->listen : o->connect;
		bool in_vain = o->sends && (mode & FOREIGN_SILENT) != 0;

		if (args->counts[i] > 0 && words != NULL && !in_vain &&
		    (o->when == 0 || (o->when & mode) != 0))
			usock_line_add_words(line, words, args->values[i]);
	}
}

void
usock_line_add_host(struct usock_line *line, const char *host)
{
	struct endpoint ep;
	bool is_host = endpoint_parse(host, "1", &ep, NULL) == 0 && ep.kind == ENDPOINT_INET &&
	    ep.transport == TRANSPORT_NONE;

	usock_line_add(line, is_host ? "%s" : "[%s]", host);
}

void
usock_line_add_mode(struct usock_line *line)
{
	const mode_t mask = umask(0);

	umask(mask);
	usock_line_add(line, "--mode=%o", (unsigned)(0777 & ~mask));
}

void
usock_line_add_proxy(struct usock_line *line, const char *scheme, const char *login,
    const char *host, const char *port)
{
	bool brackets = strchr(host, ':') != NULL;

	usock_line_add(line, "--proxy");
	usock_line_add(line, "%s://%s%s%s%s:%s", scheme, login, brackets ? "[" : "", host,
	    brackets ? "]" : "", port);
}

int
usock_line_login(char *to, size_t size, const char *user, const char *password)
{
	const char *parts[] = { user, ":", password };
	size_t n = 0;

	for (size_t i = 0; i < 3; i++)
		for (const char *c = parts[i]; *c != '\0'; c++) {
			if (n + 4 >= size)
				return -1;
			n += (size_t)snprintf(to + n, size - n,
			    i == 1 || isalnum((unsigned char)*c) ? "%c" : "%%%02x",
			    (unsigned char)*c);
		}
	snprintf(to + n, size - n, "@");
	return 0;
}

int
usock_line_keep_secret(const char *secret, char *ret_path, size_t size)
{
	size_t put;
	int fd = memfd_create("secret", MFD_CLOEXEC);

	if (fd < 0 || file_write(fd, secret, strlen(secret), &put) != 0)
		return -1;
	snprintf(ret_path, size, "/proc/self/fd/%d", fd);
	return 0;
}

int
usock_line_split(const char *word, char *ret_host, size_t size, const char **ret_port)
{
	const char *bracket = word[0] == '[' ? strchr(word, ']') : NULL;
	const char *colon = strrchr(bracket != NULL ? bracket : word, ':');
	size_t len = bracket != NULL ? (size_t)(bracket - word - 1)
	    : colon != NULL          ? (size_t)(colon - word)
				     : strlen(word);

	*ret_port = colon != NULL ? colon + 1 : NULL;
	/* other netcats read a number as C does; ours is strict */
	while (colon != NULL && (*ret_port)[0] == '0' && isdigit((unsigned char)(*ret_port)[1]))
		++*ret_port;
	if (len >= size)
		return -1;
	snprintf(ret_host, size, "%.*s", (int)len, word + (bracket != NULL));
	return 0;
}

bool
usock_line_is_address(const char *host)
{
	unsigned char address[16];

	return inet_pton(AF_INET, host, address) == 1 || strchr(host, ':') != NULL;
}

int
usock_line_take_null(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -1;
	rc = fd == STDIN_FILENO ? 0 : dup2(fd, STDIN_FILENO);
	if (fd != STDIN_FILENO)
		close(fd);
	return rc < 0 ? -1 : 0;
}

void
usock_line_fini(struct usock_line *line)
{
	for (int i = 0; i < line->n; i++)
		free(line->words[i]);
	*line = (struct usock_line){ .n = 0 };
}

/* ---- check ---- */

/* Parses n words, of which the first is a command. argv has room for a further one. */
static int
check_command_words(char **argv, int n, struct opt_rest *ret_rest, struct error *e)
{
	const struct cmd *cmd = cmd_find(argv[0]);
	void *values = cmd != NULL ? calloc(1, cmd->size) : NULL;
	int rc;

	if (values == NULL)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	cmd->defaults(values);
	rc = opt_parse(cmd, n, argv, values, ret_rest, e);
	opt_free(cmd, values);
	free(values);
	return rc;
}

int
usock_line_check(const struct usock_line *line, struct error *e)
{
	char *argv[USOCK_LINE_WORDS_MAX + 1], **words = argv;
	struct opt_rest rest;
	struct endpoint ep;
	int n = line->n;

	memcpy(argv, line->words, sizeof(argv));
	for (;;) {
		const bool listens = strcmp(words[0], "listen") == 0;

		if (check_command_words(words, n, &rest, e) < 0 ||
		    address_args_endpoint(&rest, listens, &ep, e) < 0)
			return -1;
		if (rest.program == NULL || rest.program[0] == NULL ||
		    strcmp(rest.program[0], "usock") != 0)
			return 0;
		n -= (int)(rest.program + 1 - words);
		words = rest.program + 1;
	}
}

/* ---- run ---- */

/* Returns the report options among the values of a command of ours. */
static struct report_opts *
report_opts_of(const struct cmd *cmd, void *values)
{
	const struct opt_group *g = cmd->groups;

	while (g->opts != report_rows)
		g++;
	return (void *)((char *)values + g->base);
}

static int
run_with_voice(const struct usock_line *line, const struct report_voice *voice, void *values)
{
	const struct cmd *cmd = cmd_find(line->words[0]);
	struct report_opts *opts = report_opts_of(cmd, values);
	const struct report report = { .opts = opts };
	char *argv[USOCK_LINE_WORDS_MAX + 1];
	struct opt_rest rest;
	struct error e;
	int status;

	memcpy(argv, line->words, sizeof(argv));
	cmd->defaults(values);
	status = opt_parse(cmd, line->n, argv, values, &rest, &e);
	opts->voice = voice;
	status = status < 0 ? report_error(&report, &e) : cmd->run(cmd, values, &rest);
	opt_free(cmd, values);
	return status;
}

int
usock_line_run(const struct usock_line *line, const struct report_voice *voice)
{
	const struct cmd *cmd = line->failed ? NULL : cmd_find(line->words[0]);
	void *values = cmd != NULL ? calloc(1, cmd->size) : NULL;
	struct error e;
	int status;

	if (values == NULL) {
		error_set(&e, ERROR_INTERNAL, "out of memory");
		return report_error(NULL, &e);
	}
	status = run_with_voice(line, voice, values);
	free(values);
	return status;
}
