#include "cli/netcat/nc/nc_secret.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "base/file.h"
#include "cli/core/secret.h"
#include "cli/netcat/nc/nc_args.h"
#include "cli/netcat/usock_line.h"

enum { TCP_KEY_MAX = 80 };

static int
go_on(void *arg, int fd, struct error *e)
{
	(void)arg;
	(void)fd;
	(void)e;
	return 0;
}

/* Asks for a line without echo. Returns its length, or -1 where there is no terminal. */
static ssize_t
ask(const char *prompt, char *buffer, size_t size)
{
	const struct file_wait wait = { .readable = go_on };
	struct error e;
	int fd = secret_open_terminal();
	ssize_t n;

	if (fd < 0)
		return -1;
	n = secret_read(fd, prompt, &wait, buffer, size - 1, &e);
	close(fd);
	buffer[n > 0 ? n : 0] = '\0';
	return n;
}

bool
nc_secret_wants_password(const struct nc *nc)
{
	const char *scheme = nc_args_proxy_scheme(nc);

	return GIVEN(nc, 'P') && GIVEN(nc, 'x') && scheme != NULL && strcmp(scheme, "http") == 0;
}

const char *
nc_secret_ask_password(struct nc *nc)
{
	const char *user = foreign_value(&nc->args, 'P');
	char password[NC_SECRET_MAX] = "PASSWORD", prompt[2 * NC_SECRET_MAX];
	int rc;

	snprintf(prompt, sizeof(prompt), "Proxy password for %.200s@%.200s: ", user,
	    nc->proxy_host);
	if (!nc->args.explain && ask(prompt, password, sizeof(password)) < 0)
		return "Unable to read proxy passphrase";
	rc = usock_line_login(nc->login, sizeof(nc->login), user, password);
	explicit_bzero(password, sizeof(password));
	return rc < 0 ? "the login of the proxy is too long" : NULL;
}

const char *
nc_secret_ask_key(struct nc *nc)
{
	char key[TCP_KEY_MAX + 1] = "";
	int rc;

	if (!GIVEN(nc, 'S') || nc->args.explain) {
		snprintf(nc->key_file, sizeof(nc->key_file), "%s", GIVEN(nc, 'S') ? "FILE" : "");
		return NULL;
	}
	if (ask("TCP MD5SIG password: ", key, sizeof(key)) < 0)
		return "Unable to read TCP MD5SIG password";
	rc = usock_line_keep_secret(key, nc->key_file, sizeof(nc->key_file));
	explicit_bzero(key, sizeof(key));
	return rc < 0 ? "Unable to read TCP MD5SIG password" : NULL;
}
