using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace Tsunagi.Mail.Checks.Clamav;

/// <summary>One session with clamd (IDSESSION): streams are given one after another on one connection. For one scan at a time.</summary>
internal sealed class ClamdSession : IDisposable
{
    private const int ChunkBytes = 256 * 1024;
    private const int LongestReply = 4 * 1024;

    private readonly NetworkStream _stream;
    private readonly byte[] _reply = new byte[LongestReply];

    private ClamdSession(NetworkStream stream) => _stream = stream;

    /// <summary>When it was last of use, as a timestamp of the time provider.</summary>
    public long UsedAt { get; set; }

    /// <param name="place">"/path/to/socket" or "host:port".</param>
    public static async ValueTask<ClamdSession> OpenAsync(string place, CancellationToken cancellationToken)
    {
        var isPath = place.StartsWith('/');
        var socket = isPath ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (isPath)
            {
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(place), cancellationToken);
            }
            else
            {
                var colon = place.LastIndexOf(':');
                await socket.ConnectAsync(place[..colon].Trim('[', ']'), int.Parse(place.AsSpan(colon + 1), System.Globalization.CultureInfo.InvariantCulture), cancellationToken);
            }

            var session = new ClamdSession(new NetworkStream(socket, ownsSocket: true));
            await session._stream.WriteAsync("zIDSESSION\0"u8.ToArray(), cancellationToken);
            return session;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Gives the content as one stream: chunks of length (4 octets, network order) and octets, ended by an empty one.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public async ValueTask<ClamdReply> ScanAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync("zINSTREAM\0"u8.ToArray(), cancellationToken);
        var length = new byte[4];
        try
        {
            for (var at = 0; at < content.Length; at += ChunkBytes)
            {
                var chunk = content.Slice(at, Math.Min(ChunkBytes, content.Length - at));
                BinaryPrimitives.WriteInt32BigEndian(length, chunk.Length);
                await _stream.WriteAsync(length, cancellationToken);
                await _stream.WriteAsync(chunk, cancellationToken);
            }

            BinaryPrimitives.WriteInt32BigEndian(length, 0);
            await _stream.WriteAsync(length, cancellationToken);
        }
        catch (IOException)
        {
            // Beyond its limit clamd says so and closes: the reply may be there all the same.
        }

        return ClamdReply.Read(await ReadReplyAsync(cancellationToken));
    }

    public void Dispose() => _stream.Dispose();

    private async ValueTask<string> ReadReplyAsync(CancellationToken cancellationToken)
    {
        for (var length = 0; length < _reply.Length;)
        {
            var count = await _stream.ReadAsync(_reply.AsMemory(length), cancellationToken);
            if (count == 0)
            {
                throw new IOException("clamd closed the connection without a reply");
            }

            length += count;
            if (_reply[length - 1] == 0)
            {
                return Encoding.UTF8.GetString(_reply, 0, length);
            }
        }

        throw new IOException($"clamd's reply is longer than {LongestReply} octets");
    }
}
