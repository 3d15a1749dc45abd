using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tsunagi.Protocols.Cpe.Arms;

/// <summary>
/// Reads and writes the chunks of an https-tunnel: chunked coding of HTTP/1.1 (RFC 9112 section 7.1) whose extensions carry what the tunnel needs.
/// <code>
/// hexlen [ ";id=" number ] [ ";echo-request" / ";echo-response" ] [ ";trail" ] CRLF octets CRLF
/// </code>
/// </summary>
public static class TunnelFraming
{
    /// <summary>The longest line in front of a chunk.</summary>
    public const int LongestLine = 256;

    private const int LongestMark = 64;

    /// <summary>Reads the next chunk.</summary>
    /// <param name="buffer">What came; begins after the chunk when it returns <see cref="TunnelRead.Ok"/>, and is left alone otherwise.</param>
    /// <param name="longestChunk">Octets of one chunk.</param>
    /// <param name="chunk">The chunk; null when there is none yet.</param>
    /// <param name="problem">A sentence without a full stop when it is none; else empty.</param>
    public static TunnelRead TryRead(ref ReadOnlySequence<byte> buffer, int longestChunk, out TunnelChunk? chunk, out string problem)
    {
        chunk = null;
        problem = "";
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8))
        {
            return buffer.Length <= LongestLine ? TunnelRead.NeedMore : Bad($"the line of a chunk is longer than {LongestLine} octets", out problem);
        }

        if (line.Length > LongestLine || !TryReadLine(Encoding.Latin1.GetString(line), out var length, out var kind, out var id, out var trail))
        {
            return Bad("the line of a chunk is none", out problem);
        }

        if (length > longestChunk)
        {
            return Bad($"a chunk is longer than {longestChunk} octets", out problem);
        }

        if (reader.Remaining < length + 2)
        {
            return TunnelRead.NeedMore;
        }

        var content = buffer.Slice(reader.Position, length).ToArray();
        reader.Advance(length);
        if (!reader.IsNext("\r\n"u8, advancePast: true))
        {
            return Bad("a chunk does not end where it says", out problem);
        }

        chunk = length == 0 ? TunnelChunk.End : new TunnelChunk(kind, id, trail, content);
        buffer = buffer.Slice(reader.Position);
        return TunnelRead.Ok;
    }

    /// <summary>The octets of a chunk. Write them at once: adaptors read its line as a whole.</summary>
    public static byte[] Write(TunnelChunk chunk)
    {
        ArgumentNullException.ThrowIfNull(chunk);
        if (chunk.Kind == TunnelChunkKind.End)
        {
            return "0\r\n\r\n"u8.ToArray();
        }

        var line = new StringBuilder(48).Append(chunk.Content.Length.ToString("x", CultureInfo.InvariantCulture));
        if (chunk.Id is { } id)
        {
            line.Append(";id=").Append(id.ToString(CultureInfo.InvariantCulture));
        }

        line.Append(chunk.Kind switch { TunnelChunkKind.EchoRequest => ";echo-request", TunnelChunkKind.EchoResponse => ";echo-response", _ => "" }).Append(chunk.IsTrail ? ";trail\r\n" : "\r\n");
        return [.. Encoding.ASCII.GetBytes(line.ToString()), .. chunk.Content.Span, .. "\r\n"u8];
    }

    private static TunnelRead Bad(string reason, out string problem)
    {
        problem = reason;
        return TunnelRead.Bad;
    }

    private static bool TryReadLine(string line, out int length, out TunnelChunkKind kind, out int? id, out bool trail)
    {
        (kind, id, trail) = (TunnelChunkKind.Message, null, false);
        var marks = line.Split(';');
        if (!int.TryParse(marks[0].Trim(), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out length) || length < 0)
        {
            return false;
        }

        foreach (var mark in marks.AsSpan(1))
        {
            // What is not known is left out (RFC 9112 section 7.1.1).
            switch (mark.Length > LongestMark ? "" : mark.Trim())
            {
                case "trail":
                    trail = true;
                    break;
                case "echo-request" or "echo":
                    kind = TunnelChunkKind.EchoRequest;
                    break;
                case "echo-response":
                    kind = TunnelChunkKind.EchoResponse;
                    break;
                case ['i', 'd', '=', .. var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var named):
                    id = named;
                    break;
            }
        }

        return true;
    }
}

/// <summary>What came of reading a chunk.</summary>
public enum TunnelRead
{
    /// <summary>There is one.</summary>
    Ok,

    /// <summary>More octets are needed.</summary>
    NeedMore,

    /// <summary>The octets are none: the tunnel cannot go on.</summary>
    Bad,
}
