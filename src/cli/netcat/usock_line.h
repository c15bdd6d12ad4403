/*
 * A command line of usock that does what a line of another netcat does.
 */
#ifndef CLI_NETCAT_USOCK_LINE_H
#define CLI_NETCAT_USOCK_LINE_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/netcat/foreign.h"

struct cmd;
struct error;
struct report_voice;

enum { USOCK_LINE_WORDS_MAX = 160 };

/* The words are malloc'ed. All zero is an empty line. */
struct usock_line {
	char *words[USOCK_LINE_WORDS_MAX + 1]; /* ends with NULL; the first is the command */
	int n;
	bool failed; /* there was no memory, or no room */
	/* Files of a shell, for --explain: an operator and a name; NULL: none. */
	const char *input[2], *output[2];
};

/* Appends a word in the format of printf(3). */
void usock_line_add(struct usock_line *line, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends the words of a template, in which % is the value. */
void usock_line_add_words(struct usock_line *line, const char *words, const char *value);

/* Appends the words of all options that were given, for this mode (FOREIGN_CONNECT or _LISTEN, and
 * _STREAM, _DATAGRAM or _SCAN; _SILENT leaves out what would do nothing then). */
void usock_line_add_options(struct usock_line *line, const struct foreign_args *args,
    unsigned mode);

/* Appends a host. One that usock would take for another kind of address is written in brackets. */
void usock_line_add_host(struct usock_line *line, const char *host);

/* Appends --mode of a unix path: what the umask leaves, as a program has it that sets none. */
void usock_line_add_mode(struct usock_line *line);

/* Appends --proxy with its URL. login is of usock_line_login(), or empty. */
void usock_line_add_proxy(struct usock_line *line, const char *scheme, const char *login,
    const char *host, const char *port);

/* Writes the login of a proxy for its URL, "USER:PASSWORD@", with everything but letters and digits
 * as %XX. Returns -1 where size is too small. */
int usock_line_login(char *to, size_t size, const char *user, const char *password);

/* Keeps a secret for an option that takes a file, in one that has no name and lasts as long as the
 * process. Returns -1 where the system refuses that. */
int usock_line_keep_secret(const char *secret, char *ret_path, size_t size);

/* Splits "HOST", "HOST:PORT", "[HOST]" or "[HOST]:PORT". *ret_port is NULL where there is none, and
 * points into word, behind leading zeros. Returns -1 where size is too small for the host. */
int usock_line_split(const char *word, char *ret_host, size_t size, const char **ret_port);

/* True for a numeric address of IPv4 or IPv6. */
bool usock_line_is_address(const char *host);

/* Makes /dev/null the standard input. Returns -1 where that fails. */
int usock_line_take_null(void);

/* Checks the values of options and the address, and where the program is usock, its words, too.
 * ERROR_USAGE. */
int usock_line_check(const struct usock_line *line, struct error *e);

void usock_line_fini(struct usock_line *line);

/* Runs the line, and says what happens with the voice. Returns the exit status of our command. */
int usock_line_run(const struct usock_line *line, const struct report_voice *voice);

#endif
