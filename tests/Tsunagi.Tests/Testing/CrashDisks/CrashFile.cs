namespace Tsunagi.Tests.Testing.CrashDisks;

/// <summary>The bytes of one file: as programs see them, as they are on the disk, and the steps between that are still pending.</summary>
internal sealed class CrashFile
{
    private readonly List<Step> _pending = [];
    private Bytes _visible = new();
    private Bytes _durable = new();

    public int Length => _visible.Length;

    public byte[] Visible => _visible.ToArray();

    public void Write(long offset, ReadOnlySpan<byte> bytes)
    {
        _visible.Write((int)offset, bytes);

        // Cut at sectors: the unit in which a disk keeps or loses.
        for (var at = 0; at < bytes.Length;)
        {
            var length = Math.Min(bytes.Length - at, CrashDisk.Sector - (int)((offset + at) % CrashDisk.Sector));
            _pending.Add(new Step((int)offset + at, bytes.Slice(at, length).ToArray(), -1));
            at += length;
        }
    }

    public int Read(long offset, Span<byte> into) => _visible.Read((int)offset, into);

    public void SetLength(long length)
    {
        _visible.SetLength((int)length);
        _pending.Add(new Step(0, [], (int)length));
    }

    /// <summary>fdatasync makes bytes and growth durable; a shrunk length only fsync.</summary>
    public void Sync(bool all)
    {
        var left = new List<Step>();
        var length = _durable.Length;
        foreach (var step in _pending)
        {
            if (!all && step.Length >= 0 && step.Length < length)
            {
                left.Add(step);
                continue;
            }

            step.Apply(_durable);
            length = _durable.Length;
        }

        _pending.Clear();
        _pending.AddRange(left);
    }

    /// <summary>How many syncs have failed.</summary>
    public int Errors { get; private set; }

    /// <summary>A sync that failed: what was pending is taken for clean and will not be written again.</summary>
    public void FailSync()
    {
        _pending.Clear();
        Errors++;
    }

    public void LosePower(Random random, double kept)
    {
        foreach (var step in _pending)
        {
            if (random.NextDouble() < kept)
            {
                step.Apply(_durable);
            }
        }

        _pending.Clear();
        _visible = _durable.Copy();
    }

    public void Replace(Func<byte[], byte[]> change)
    {
        _pending.Clear();
        _durable = new Bytes(change(_visible.ToArray()));
        _visible = _durable.Copy();
    }

    private sealed record Step(int Offset, byte[] Written, int Length)
    {
        public void Apply(Bytes bytes)
        {
            if (Length >= 0)
            {
                bytes.SetLength(Length);
            }
            else
            {
                bytes.Write(Offset, Written);
            }
        }
    }

    private sealed class Bytes(byte[]? initial = null)
    {
        private byte[] _bytes = initial ?? [];

        public int Length { get; private set; } = initial?.Length ?? 0;

        public void Write(int offset, ReadOnlySpan<byte> bytes)
        {
            if (offset + bytes.Length > Length)
            {
                SetLength(offset + bytes.Length);
            }

            bytes.CopyTo(_bytes.AsSpan(offset));
        }

        public int Read(int offset, Span<byte> into)
        {
            var length = Math.Clamp(Length - offset, 0, into.Length);
            _bytes.AsSpan(Math.Min(offset, Length), length).CopyTo(into);
            return length;
        }

        public void SetLength(int length)
        {
            if (length > _bytes.Length)
            {
                Array.Resize(ref _bytes, Math.Max(length, 2 * _bytes.Length));
            }

            if (length < Length)
            {
                _bytes.AsSpan(length, Length - length).Clear();
            }

            Length = length;
        }

        public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

        public Bytes Copy() => new(ToArray());
    }
}
