#include <errno.h>
#include <linux/tls.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/error.h"
#include "net/ktls/ktls.h"
#include "net/sys.h"

/* Sizes of the members that follow struct tls_crypto_info in <linux/tls.h>, for each cipher:
 * iv, key, salt, record number. */
static const struct layout {
	unsigned short type;
	size_t iv, key, salt;
} layouts[KTLS_CIPHERS] = {
	[KTLS_AES_128_GCM] = { TLS_CIPHER_AES_GCM_128, 8, 16, 4 },
	[KTLS_AES_256_GCM] = { TLS_CIPHER_AES_GCM_256, 8, 32, 4 },
	[KTLS_CHACHA20_POLY1305] = { TLS_CIPHER_CHACHA20_POLY1305, 12, 32, 0 },
};

/* The largest: AES-256-GCM and ChaCha20-Poly1305. */
#define INFO_MAX (sizeof(struct tls_crypto_info) + 12 + 32 + 8)

/* poll(2) reports room when a third of the buffer is free, which must hold a record. */
#define BUFFER_MIN (56 << 10)

int
ktls_attach(int fd, struct error *e)
{
	if (setsockopt(fd, IPPROTO_TCP, TCP_ULP, "tls", sizeof("tls")) < 0)
		return error_errno(e, ERROR_NETWORK, errno, "kTLS");
	return 0;
}

static unsigned char *
append_bytes(unsigned char *at, const unsigned char *bytes, size_t n)
{
	memcpy(at, bytes, n);
	return at + n;
}

/* GCM in TLS 1.2 sends a part of the nonce, which must differ between records: like other
 * implementations, use the record number (RFC 5288, 3). */
static size_t
make_crypto_info(const struct ktls_keys *k, const struct layout *l, unsigned char info[INFO_MAX])
{
	struct tls_crypto_info head = { .version = TLS_1_2_VERSION, .cipher_type = l->type };
	const unsigned char *iv = k->iv + l->salt;
	unsigned char *at = info;

	if (k->tls13)
		head.version = TLS_1_3_VERSION;
	else if (l->salt > 0)
		iv = k->seq;
	memcpy(at, &head, sizeof(head));
	at = append_bytes(at + sizeof(head), iv, l->iv);
	at = append_bytes(at, k->key, l->key);
	at = append_bytes(at, k->iv, l->salt);
	at = append_bytes(at, k->seq, sizeof(k->seq));
	return (size_t)(at - info);
}

static bool
is_too_small(int fd, int buffer)
{
	int size = 0;
	socklen_t len = sizeof(size);

	return getsockopt(fd, SOL_SOCKET, buffer, &size, &len) == 0 && size < BUFFER_MIN;
}

int
ktls_set_keys(int fd, enum ktls_side side, const struct ktls_keys *keys, struct error *e)
{
	int option = side == KTLS_SEND ? TLS_TX : TLS_RX, rc, errnum;
	unsigned char info[INFO_MAX];
	size_t n;

	if (is_too_small(fd, side == KTLS_SEND ? SO_SNDBUF : SO_RCVBUF))
		return error_errno(e, ERROR_NETWORK, ENOBUFS, "kTLS");
	n = make_crypto_info(keys, &layouts[keys->cipher], info);
	rc = setsockopt(fd, SOL_TLS, option, info, (socklen_t)n);
	errnum = errno;
	explicit_bzero(info, sizeof(info));
	return rc == 0 ? 0 : error_errno(e, ERROR_NETWORK, errnum, "kTLS");
}

/* ---- records ---- */

/* Space for the record type, aligned. */
union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(unsigned char))];
};

static struct msghdr
message(struct iovec *iov, union control *control)
{
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 1 };

	msg.msg_control = control;
	msg.msg_controllen = sizeof(*control);
	return msg;
}

/* Clears the pending error; otherwise the kernel would report it again to the caller that sends
 * the alert. */
static int
recv_failed(int fd, struct error *e)
{
	int errnum = errno, again;
	socklen_t len = sizeof(again);

	getsockopt(fd, SOL_SOCKET, SO_ERROR, &again, &len);
	return error_errno(e, ERROR_NETWORK, errnum, "recv");
}

ssize_t
ktls_recv(int fd, void *data, size_t n, unsigned char *ret_kind, struct error *e)
{
	struct iovec iov = { .iov_base = data, .iov_len = n };
	union control control;
	struct msghdr msg;
	const struct cmsghdr *c;
	ssize_t got;

	do {
		msg = message(&iov, &control);
		got = recvmsg(fd, &msg, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	if (got < 0 && errno == EAGAIN)
		return SYS_AGAIN;
	if (got < 0)
		return recv_failed(fd, e);
	c = CMSG_FIRSTHDR(&msg);
	*ret_kind = got > 0 ? KTLS_DATA : 0;
	if (c != NULL && c->cmsg_level == SOL_TLS && c->cmsg_type == TLS_GET_RECORD_TYPE)
		*ret_kind = *CMSG_DATA(c);
	return got;
}

int
ktls_send(int fd, unsigned char kind, const void *data, size_t n, struct error *e)
{
	struct iovec iov = { .iov_base = (void *)data, .iov_len = n };
	union control control = { 0 };
	struct msghdr msg = message(&iov, &control);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	ssize_t put_n;

	if (sys_is_ready(fd, POLLOUT) == 0)
		return SYS_AGAIN;
	c->cmsg_level = SOL_TLS;
	c->cmsg_type = TLS_SET_RECORD_TYPE;
	c->cmsg_len = CMSG_LEN(sizeof(kind));
	*CMSG_DATA(c) = kind;
	msg.msg_controllen = c->cmsg_len;
	do
		put_n = sendmsg(fd, &msg, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (put_n < 0 && errno == EINTR);
	if (put_n < 0 && errno == EAGAIN)
		return SYS_AGAIN;
	return put_n < 0 ? error_errno(e, ERROR_NETWORK, errno, "send") : 0;
}
