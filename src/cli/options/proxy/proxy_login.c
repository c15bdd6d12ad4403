#include "cli/options/proxy/proxy_login.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/file.h"
#include "cli/options/proxy/proxy_url.h"
#include "stream/negotiate/proxy/proxy.h"

enum { FILE_MAX = 64 << 10 };

static int
check_mode(const struct file_source *source, struct error *e)
{
	struct stat st;

	if (fstat(source->fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) == 0)
		return 0;
	error_set(e, ERROR_LOCAL_IO, "%s: others may read or change it", source->path);
	return error_hint(e, "chmod 600 %s", source->path);
}

static int
parse_logins(const struct buf *text, struct proxy_hop *hops, size_t n, struct error *e)
{
	const char *at = buf_head(text), *end = at + text->len, *newline;
	size_t i, len;

	for (i = 0; i < n && at < end; i++) {
		newline = memchr(at, '\n', (size_t)(end - at));
		len = newline != NULL ? (size_t)(newline - at) : (size_t)(end - at);
		if (len > 0 && at[len - 1] == '\r')
			len--;
		if (len > 0 && proxy_url_login(at, len, &hops[i], e) < 0)
			return error_prefix(e, "line %zu", i + 1);
		at = newline != NULL ? newline + 1 : end;
	}
	while (at < end && (*at == '\n' || *at == '\r'))
		at++;
	return at == end ? 0
			 : error_set(e, ERROR_USAGE, "it has more lines than there are proxies");
}

int
proxy_login_read(const char *path, const struct file_wait *wait, struct proxy_hop *hops, size_t n,
    struct error *e)
{
	struct file_source source = { .path = path, .wait = wait };
	struct buf text;
	int rc = -1;

	buf_init(&text, FILE_MAX);
	source.fd = file_open(path, O_RDONLY, 0, e);
	if (source.fd >= 0 && check_mode(&source, e) == 0)
		rc = file_read_all(&source, &text, e);
	if (source.fd >= 0)
		close(source.fd);
	if (rc == 0 && text.len > 0)
		rc = parse_logins(&text, hops, n, e);
	if (text.data != NULL)
		explicit_bzero(text.data, text.size);
	buf_fini(&text);
	return rc;
}
