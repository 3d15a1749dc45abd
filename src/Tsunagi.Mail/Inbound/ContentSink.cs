using System.Buffers;
using Tsunagi.Core.Logs;

namespace Tsunagi.Mail.Inbound;

/// <summary>
/// Takes the content as the data reader hands it on: (1) while the header section lasts, into the arriving header, and through the sieve, which keeps forged
/// fields back; (2) into the spool body of every part of the transaction. A body that cannot be written (disk full) stops taking; the rest is read to its end
/// and dropped.
/// </summary>
internal sealed class ContentSink(ArrivingHeader header, HeaderSieve sieve) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _sieved = new();
    private IReadOnlyList<SpoolBody> _bodies = [];
    private byte[] _shared = [];
    private Memory<byte> _given;
    private bool _direct;

    /// <summary>What went wrong with a body; null while all is well.</summary>
    public IOException? Failure { get; private set; }

    public void Begin(IReadOnlyList<SpoolBody> bodies)
    {
        _bodies = bodies;
        Failure = null;
        sieve.Reset();
    }

    /// <summary>The content ended: what was kept back of its header is decided on.</summary>
    public void End()
    {
        if (!sieve.IsOpen)
        {
            sieve.End(_sieved);
            WriteSieved();
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _direct = false;
        if (!sieve.IsOpen)
        {
            return _given = sieve.GetMemory(sizeHint);
        }

        // The usual transaction has one body, and the content is copied once, from the socket's buffer into it.
        _direct = _bodies.Count == 1 && Failure is null;
        if (_direct)
        {
            try
            {
                return _given = _bodies[0].GetMemory(sizeHint);
            }
            catch (IOException failed)
            {
                // Room is made by writing what came before to the body's file.
                Failure = failed;
                _direct = false;
            }
        }

        if (_shared.Length < Math.Max(sizeHint, 4096))
        {
            _shared = new byte[Math.Max(sizeHint, 4096)];
        }

        return _given = _shared;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Advance(int count)
    {
        var written = _given.Span[..count];

        // (1)
        header.Feed(written);
        if (!sieve.IsOpen)
        {
            sieve.Advance(count, _sieved);
            WriteSieved();
            return;
        }

        // (2)
        if (_direct && Failure is null)
        {
            _bodies[0].Advance(count);
            return;
        }

        Write(written);
    }

    private void WriteSieved()
    {
        Write(_sieved.WrittenSpan);
        _sieved.ResetWrittenCount();
    }

    private void Write(ReadOnlySpan<byte> content)
    {
        if (Failure is not null)
        {
            return;
        }

        try
        {
            foreach (var body in _bodies)
            {
                body.Write(content);
            }
        }
        catch (IOException failed)
        {
            Failure = failed;
        }
    }
}
