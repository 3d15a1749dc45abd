namespace Tsunagi.Ddos.Archive;

/// <summary>Octets that are written one after the other, in room that is used again; what was written last can be taken back.</summary>
internal sealed class OctetBuffer(int room)
{
    private byte[] _octets = new byte[room];

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _octets.AsMemory(0, Length);

    public void Advance(int count) => Length += count;

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Grow(sizeHint);
        return _octets.AsSpan(Length);
    }

    public void Write(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(GetSpan(octets.Length));
        Length += octets.Length;
    }

    /// <summary>Only so many octets stay.</summary>
    public void CutTo(int length) => Length = length;

    private void Grow(int more)
    {
        if (_octets.Length - Length < Math.Max(1, more))
        {
            Array.Resize(ref _octets, Math.Max(2 * _octets.Length, Length + more));
        }
    }
}
