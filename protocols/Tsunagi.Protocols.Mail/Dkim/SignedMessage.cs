using System.Buffers;
using Tsunagi.Protocols.Mail.Message;

namespace Tsunagi.Protocols.Mail.Dkim;

/// <summary>
/// One message on its way through every check and signature at once: (1) its header section is read; (2) verifications and signings are made over it and
/// say what they need hashed; (3) the body is given in pieces, once, whoever needs it; (4) <see cref="Complete"/>; (5) verifications and signings are
/// completed. Signatures that hash the same share the work. Used by one thread at a time.
/// </summary>
public sealed class SignedMessage : IDisposable
{
    private readonly List<BodyHasher> _hashers = [];
    private bool _begun;
    private bool _complete;

    /// <summary>A message whose header section was read.</summary>
    public SignedMessage(HeaderSection header)
    {
        ArgumentNullException.ThrowIfNull(header);
        Header = header;
    }

    /// <summary>The header section.</summary>
    public HeaderSection Header { get; }

    /// <summary>A message whose octets are all there; the body is still to be given by <see cref="AppendBodyOf"/>.</summary>
    public static SignedMessage Read(in ReadOnlySequence<byte> message, HeaderLimits? limits = null) => new(HeaderSection.Read(message, limits));

    /// <summary>Step (3): the next piece of the body.</summary>
    public void Append(ReadOnlySpan<byte> body)
    {
        _begun = true;
        ObjectDisposedException.ThrowIf(_complete, this);
        foreach (BodyHasher hasher in _hashers)
        {
            hasher.Append(body);
        }
    }

    /// <summary>Step (3): the next pieces of the body.</summary>
    public void Append(in ReadOnlySequence<byte> body)
    {
        foreach (ReadOnlyMemory<byte> piece in body)
        {
            Append(piece.Span);
        }
    }

    /// <summary>Steps (3) and (4) for a message that is all there.</summary>
    public void AppendBodyOf(in ReadOnlySequence<byte> message)
    {
        Append(message.Slice(Math.Min(Header.BodyOffset, message.Length)));
        Complete();
    }

    /// <summary>Step (4): the body has ended.</summary>
    public void Complete()
    {
        if (_complete)
        {
            return;
        }

        _complete = true;
        foreach (BodyHasher hasher in _hashers)
        {
            hasher.Complete();
        }
    }

    /// <summary>Gives back what a message that is not read to its end still holds.</summary>
    public void Dispose()
    {
        foreach (BodyHasher hasher in _hashers)
        {
            hasher.Dispose();
        }
    }

    /// <summary>Asks for a hash of the body; one that another asked for is shared.</summary>
    internal BodyHasher Want(Canonicalization how, long? limit)
    {
        if (_begun || _complete)
        {
            throw new InvalidOperationException("a verification or signing must be made before the body is given");
        }

        BodyHasher? hasher = _hashers.Find(known => known.How == how && known.Limit == limit);
        if (hasher is null)
        {
            hasher = new BodyHasher(how, limit);
            _hashers.Add(hasher);
        }

        return hasher;
    }

    internal void MustBeComplete()
    {
        if (!_complete)
        {
            throw new InvalidOperationException("the body has not ended");
        }
    }
}
