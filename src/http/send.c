/* Bytes in and out of a connection, plain or through TLS. */
#include "http/inside.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

ssize_t io_read(struct conn *conn, void *bytes, size_t size)
{
	if (conn->ssl)
		return tls_read(conn->ssl, bytes, size);
	for (;;) {
		ssize_t count = recv(conn->fd, bytes, size, 0);
		if (count >= 0 || errno != EINTR)
			return count >= 0 ? count : -errno;
	}
}

/* A record of TLS holds 16 kB; head and body go into one where they fit. */
static ssize_t write_tls(struct conn *conn, const struct iovec *pieces, unsigned count)
{
	if (count == 1 || pieces[0].iov_len >= 8192)
		return tls_write(conn->ssl, pieces[0].iov_base, pieces[0].iov_len);
	char record[16384];
	size_t size = 0;
	for (unsigned i = 0; i < count && size < sizeof record; i++) {
		size_t take = pieces[i].iov_len;
		if (take > sizeof record - size)
			take = sizeof record - size;
		memcpy(record + size, pieces[i].iov_base, take);
		size += take;
	}
	return tls_write(conn->ssl, record, size);
}

ssize_t io_write(struct conn *conn, const struct iovec *pieces, unsigned count)
{
	if (conn->ssl)
		return write_tls(conn, pieces, count);
	for (;;) {
		ssize_t done;
		if (count == 1) {
			done = send(conn->fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
		} else {
			const struct msghdr message = {
				.msg_iov = (struct iovec *)(uintptr_t)pieces, .msg_iovlen = count};
			done = sendmsg(conn->fd, &message, MSG_NOSIGNAL);
		}
		if (done >= 0 || errno != EINTR)
			return done >= 0 ? done : -errno;
	}
}
