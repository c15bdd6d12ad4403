#include "cli/core/known_hosts.h"

#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 20 };

struct names {
	void (*fn)(void *arg, const char *name);
	void *arg;
};

static void
offer_plain_name(const struct names *to, const char *name)
{
	if (name[0] != '\0' && strpbrk(name, "*?!|") == NULL)
		to->fn(to->arg, name);
}

/* Cuts the next word off *at; NULL at the end of the line. */
static char *
cut_word(char **at, const char *blanks)
{
	char *word = *at + strspn(*at, blanks);

	if (*word == '\0')
		return NULL;
	*at = word + strcspn(word, blanks);
	if (**at != '\0')
		*(*at)++ = '\0';
	return word;
}

/* ADDRESS NAME... */
static void
parse_etc_line(const struct names *to, char *line)
{
	char *word = cut_word(&line, " \t");

	while (word != NULL && (word = cut_word(&line, " \t")) != NULL)
		offer_plain_name(to, word);
}

/* [@MARKER] NAME,[NAME]:PORT,... KEY */
static void
parse_ssh_line(const struct names *to, char *line)
{
	char *word = cut_word(&line, " \t"), *name;

	if (word != NULL && word[0] == '@')
		word = cut_word(&line, " \t");
	while (word != NULL && (name = cut_word(&word, ",")) != NULL) {
		if (name[0] == '[') {
			name++;
			name[strcspn(name, "]")] = '\0';
		}
		offer_plain_name(to, name);
	}
}

/* Host NAME...; Hostname NAME */
static void
parse_config_line(const struct names *to, char *line)
{
	char *word = cut_word(&line, " \t=");

	if (word == NULL || (strcasecmp(word, "Host") != 0 && strcasecmp(word, "Hostname") != 0))
		return;
	while ((word = cut_word(&line, " \t=\"")) != NULL)
		if (strchr(word, '%') == NULL)
			offer_plain_name(to, word);
}

void
known_hosts_parse(enum known_hosts_form form, char *text, void (*fn)(void *arg, const char *name),
    void *arg)
{
	static void (*const parsers[])(const struct names *to, char *line) = {
		[KNOWN_HOSTS_ETC] = parse_etc_line,
		[KNOWN_HOSTS_SSH] = parse_ssh_line,
		[KNOWN_HOSTS_SSH_CONFIG] = parse_config_line,
	};
	const struct names to = { fn, arg };
	char *line;

	while ((line = cut_word(&text, "\r\n")) != NULL) {
		line[strcspn(line, "#")] = '\0';
		parsers[form](&to, line);
	}
}

/* A FIFO or a device in its place would block. */
static void
read_names(enum known_hosts_form form, const char *path, const struct names *to)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = fd != -1 ? calloc(FILE_MAX + 1, 1) : NULL;
	size_t n = 0;
	ssize_t got = 1;

	while (text != NULL && n < FILE_MAX && got > 0) {
		got = read(fd, text + n, FILE_MAX - n);
		n += got > 0 ? (size_t)got : 0;
	}
	if (text != NULL)
		known_hosts_parse(form, text, to->fn, to->arg);
	free(text);
	if (fd != -1)
		close(fd);
}

void
known_hosts_each(void (*fn)(void *arg, const char *name), void *arg)
{
	const char *home = getenv("HOME");
	const struct names to = { fn, arg };
	char path[PATH_MAX];

	read_names(KNOWN_HOSTS_ETC, "/etc/hosts", &to);
	read_names(KNOWN_HOSTS_SSH, "/etc/ssh/ssh_known_hosts", &to);
	if (home == NULL || home[0] != '/')
		return;
	snprintf(path, sizeof(path), "%s/.ssh/known_hosts", home);
	read_names(KNOWN_HOSTS_SSH, path, &to);
	snprintf(path, sizeof(path), "%s/.ssh/config", home);
	read_names(KNOWN_HOSTS_SSH_CONFIG, path, &to);
}
