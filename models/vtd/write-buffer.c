/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Write buffers between the processor and the memory that a unit sees (CAP.RWBF, section 6.8): until software
 * flushes them, the unit may find tables as they were before the processor's last writes. The model goes
 * as far as that allows: what it read once it goes on reading, until a flush or a command that implies one.
 */
#include "unit.h"

#include <string.h>

static const u64 *find(const struct vtd_write_buffer *buffer, u64 address, size_t len)
{
	unsigned int i;

	for (i = 0; i < buffer->used; i++)
		if (buffer->lines[i].address == address && buffer->lines[i].len == len)
			return buffer->lines[i].data;
	return NULL;
}

static void keep(struct vtd_write_buffer *buffer, u64 address, const void *data, size_t len)
{
	unsigned int i = buffer->next;

	buffer->next = (i + 1) % VTD_WRITE_BUFFER_LINES;
	if (buffer->used < VTD_WRITE_BUFFER_LINES)
		buffer->used++;
	buffer->lines[i].address = address;
	buffer->lines[i].len = len;
	memcpy(buffer->lines[i].data, data, len);
}

/* Reads of tables: entries of at most 64 bytes. */
static enum port_status read_buffered(void *ctx, hpa_t address, void *data, size_t len)
{
	struct vtd_unit *unit = ctx;
	struct vtd_write_buffer *buffer = &unit->write_buffer;
	const u64 *kept = find(buffer, address.v, len);
	u64 flushes = buffer->flushes;
	enum port_status status;

	if (kept) {
		memcpy(data, kept, len);
		return PORT_OK;
	}
	status = port_read(&unit->port, address, data, len);
	/* what was flushed meanwhile may not be found again as it was before */
	if (status == PORT_OK && flushes == buffer->flushes)
		keep(buffer, address.v, data, len);
	return status;
}

void vtd_write_buffer_init(struct vtd_unit *unit)
{
	unit->tables = unit->port;
	if (!cap_RWBF(&unit->cap))
		return;
	unit->buffered_ops.read = read_buffered;
	unit->tables = (struct port){ .ops = &unit->buffered_ops, .ctx = unit };
}

void vtd_write_buffer_flush(struct vtd_unit *unit)
{
	unit->write_buffer.flushes++;
	unit->write_buffer.used = 0;
	unit->write_buffer.next = 0;
}
