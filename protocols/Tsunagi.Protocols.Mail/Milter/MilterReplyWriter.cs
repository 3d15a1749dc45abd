using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Tsunagi.Protocols.Mail.Milter;

/// <summary>Writes what a filter answers. Texts come from strangers: no NUL, CR or LF of theirs reaches the packet.</summary>
public static class MilterReplyWriter
{
    /// <summary>The filter's side of the negotiation.</summary>
    public static void Options(IBufferWriter<byte> output, MilterOptions options)
    {
        Span<byte> content = stackalloc byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(content, options.Version);
        BinaryPrimitives.WriteUInt32BigEndian(content[4..], (uint)options.Actions);
        BinaryPrimitives.WriteUInt32BigEndian(content[8..], (uint)options.Steps);
        Packet(output, (byte)'O', content);
    }

    /// <summary>Go on.</summary>
    public static void Continue(IBufferWriter<byte> output) => Packet(output, (byte)'c', []);

    /// <summary>The message is taken, and nothing more need be told of it.</summary>
    public static void Accept(IBufferWriter<byte> output) => Packet(output, (byte)'a', []);

    /// <summary>The client is asked to come again, in the server's own words.</summary>
    public static void TempFail(IBufferWriter<byte> output) => Packet(output, (byte)'t', []);

    /// <summary>The client hears this: "554 5.7.1 text". A "%" is doubled, since servers format it.</summary>
    public static void Reply(IBufferWriter<byte> output, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Packet(output, (byte)'y', Terminated(Clean(text).Replace("%", "%%", StringComparison.Ordinal)));
    }

    /// <summary>A field is put before all others.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value; lines are folded by LF, as the protocol has it.</param>
    public static void InsertHeader(IBufferWriter<byte> output, string name, string value)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(value);
        byte[] texts = [.. Terminated(Clean(name)), .. Terminated(value.Replace("\r\n", "\n", StringComparison.Ordinal).Replace("\r", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal))];
        Indexed(output, (byte)'i', 0, texts);
    }

    /// <summary>The field of that name at that place is deleted.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="place">1 for the first of its name.</param>
    /// <param name="name">Its name.</param>
    public static void DeleteHeader(IBufferWriter<byte> output, int place, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        Indexed(output, (byte)'m', place, [.. Terminated(Clean(name)), 0]);
    }

    /// <summary>The server holds the message.</summary>
    public static void Quarantine(IBufferWriter<byte> output, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        Packet(output, (byte)'q', Terminated(Clean(reason)));
    }

    private static void Indexed(IBufferWriter<byte> output, byte code, int index, byte[] texts)
    {
        byte[] content = new byte[4 + texts.Length];
        BinaryPrimitives.WriteInt32BigEndian(content, index);
        texts.CopyTo(content, 4);
        Packet(output, code, content);
    }

    private static void Packet(IBufferWriter<byte> output, byte code, ReadOnlySpan<byte> content)
    {
        Span<byte> into = output.GetSpan(5 + content.Length);
        BinaryPrimitives.WriteInt32BigEndian(into, 1 + content.Length);
        into[4] = code;
        content.CopyTo(into[5..]);
        output.Advance(5 + content.Length);
    }

    private static byte[] Terminated(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    private static string Clean(string text) => string.Concat(text.Where(static c => !char.IsControl(c)));
}
