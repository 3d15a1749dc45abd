namespace Tsunagi.Protocols.Mail.Classify;

/// <summary>Room for one text part while it is read: its octets decoded, its characters, and the text of its HTML. Grows to the limits and stays.</summary>
internal sealed class TextBuffers
{
    private byte[] _octets = new byte[16 * 1024];
    private char[] _characters = new char[16 * 1024];
    private char[] _plain = new char[16 * 1024];

    public Span<byte> Octets(int count) => Room(ref _octets, count);

    public Span<char> Characters(int count) => Room(ref _characters, count);

    public Span<char> Plain(int count) => Room(ref _plain, count);

    private static Span<T> Room<T>(ref T[] buffer, int count)
    {
        if (buffer.Length < count)
        {
            buffer = new T[Math.Max(count, buffer.Length * 2)];
        }

        return buffer.AsSpan(0, count);
    }
}
