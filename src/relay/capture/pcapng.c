#include "relay/capture/pcapng.h"

#include <string.h>

#include "base/error.h"
#include "relay/capture/ip_packet.h"

enum {
	BLOCK_INTERFACE = 1,
	BLOCK_NAMES = 4,
	BLOCK_PACKET = 6,
	BLOCK_SECRETS = 10,
	BLOCK_SECTION = 0x0a0d0d0a,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
	LINK_RAW_IP = 101, /* LINKTYPE_RAW: the version is in the first byte */
	SECRETS_TLS = 0x544c534b,
	OPTION_COMMENT = 1,
	OPTION_NAME = 2,
	OPTION_FLAGS = 2,
	OPTION_APPLICATION = 4,
	OPTION_RESOLUTION = 9,
	NAME_IPV4 = 1,
	NAME_IPV6 = 2,
	BLOCK_MAX = 1 << 20
};

/* ---- the parts of a block: numbers in the byte order of the host, padded to 32 bits ---- */

/* end_block() reports what fails here. */
static void
add_unpadded(struct pcapng *p, const void *data, size_t n)
{
	if (n > 0 && buf_append(&p->block, data, n, NULL) == -1)
		p->torn = true;
}

static void
add_padded(struct pcapng *p, const void *data, size_t n)
{
	static const char zeroes[3];

	add_unpadded(p, data, n);
	add_unpadded(p, zeroes, -n & 3);
}

static void
add32(struct pcapng *p, uint32_t value)
{
	add_unpadded(p, &value, sizeof(value));
}

static void
add16(struct pcapng *p, unsigned value)
{
	const uint16_t halfword = (uint16_t)value;

	add_unpadded(p, &halfword, sizeof(halfword));
}

static void
add_option_bytes(struct pcapng *p, unsigned code, const void *data, size_t n)
{
	add16(p, code);
	add16(p, (unsigned)n);
	add_padded(p, data, n);
}

static void
add_text_option(struct pcapng *p, unsigned code, const char *text)
{
	size_t n = text != NULL ? strlen(text) : 0;

	if (n > 0)
		add_option_bytes(p, code, text, n < 0xffff ? n : 0xffff);
}

static void
begin_block(struct pcapng *p, uint32_t type)
{
	buf_consume(&p->block, p->block.len);
	p->torn = false;
	add32(p, type);
	add32(p, 0);
}

/* The length stands at both ends. */
static int
end_block(struct pcapng *p, struct error *e)
{
	uint32_t n = (uint32_t)p->block.len + 4;
	char *head;

	add32(p, n);
	if (p->torn)
		return error_set(e, ERROR_INTERNAL, "out of memory");
	head = buf_head(&p->block);
	memcpy(head + 4, &n, sizeof(n));
	return p->write(p->arg, head, p->block.len, e);
}

/* ---- blocks ---- */

static int
write_section(struct pcapng *p, const char *comment, struct error *e)
{
	begin_block(p, BLOCK_SECTION);
	add32(p, BYTE_ORDER_MAGIC);
	add16(p, 1);
	add16(p, 0);
	/* the length of the section is not known */
	add32(p, UINT32_MAX);
	add32(p, UINT32_MAX);
	add_text_option(p, OPTION_COMMENT, comment);
	add_text_option(p, OPTION_APPLICATION, "usock " USOCK_VERSION);
	add_option_bytes(p, 0, NULL, 0);
	return end_block(p, e);
}

static int
write_interface(struct pcapng *p, struct error *e)
{
	const unsigned char nanoseconds = 9;

	begin_block(p, BLOCK_INTERFACE);
	add16(p, LINK_RAW_IP);
	add16(p, 0);
	add32(p, 0);
	add_text_option(p, OPTION_NAME, "usock");
	add_option_bytes(p, OPTION_RESOLUTION, &nanoseconds, 1);
	add_option_bytes(p, 0, NULL, 0);
	return end_block(p, e);
}

int
pcapng_init(struct pcapng *p, int (*write)(void *arg, const void *data, size_t n, struct error *e),
    void *arg, const char *comment, struct error *e)
{
	*p = (struct pcapng){ .write = write, .arg = arg };
	buf_init(&p->block, BLOCK_MAX);
	return write_section(p, comment, e) == -1 ? -1 : write_interface(p, e);
}

void
pcapng_fini(struct pcapng *p)
{
	buf_fini(&p->block);
}

int
pcapng_packet(struct pcapng *p, const struct pcapng_about *about, const void *data, size_t n,
    struct error *e)
{
	const uint64_t time = (uint64_t)about->time;
	const uint32_t flags = about->direction;

	begin_block(p, BLOCK_PACKET);
	add32(p, 0);
	add32(p, (uint32_t)(time >> 32));
	add32(p, (uint32_t)time);
	add32(p, (uint32_t)n);
	add32(p, (uint32_t)n);
	add_padded(p, data, n);
	add_text_option(p, OPTION_COMMENT, about->comment);
	add_option_bytes(p, OPTION_FLAGS, &flags, sizeof(flags));
	add_option_bytes(p, 0, NULL, 0);
	return end_block(p, e);
}

int
pcapng_name(struct pcapng *p, const struct ip_end *address, const char *name, struct error *e)
{
	const size_t width = address->v6 ? 16 : 4, n = strlen(name) + 1;

	begin_block(p, BLOCK_NAMES);
	add16(p, address->v6 ? NAME_IPV6 : NAME_IPV4);
	add16(p, (unsigned)(width + n));
	add_unpadded(p, address->address, width);
	/* the address and the name are one value, and 4 and 16 need no padding */
	add_padded(p, name, n);
	add32(p, 0);
	return end_block(p, e);
}

int
pcapng_secrets(struct pcapng *p, const char *lines, size_t n, struct error *e)
{
	begin_block(p, BLOCK_SECRETS);
	add32(p, SECRETS_TLS);
	add32(p, (uint32_t)n);
	add_padded(p, lines, n);
	add_option_bytes(p, 0, NULL, 0);
	return end_block(p, e);
}
