using System.Collections.Immutable;

namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>How the octets of a part are encoded (RFC 2045 section 6).</summary>
public enum MimeEncoding
{
    /// <summary>7bit, 8bit, binary, or nothing said: as they stand.</summary>
    Identity,
    /// <summary>base64.</summary>
    Base64,
    /// <summary>quoted-printable.</summary>
    QuotedPrintable,
    /// <summary>Something else.</summary>
    Unknown,
}

/// <summary>One entity of a message (RFC 2045 section 2.4): where it stands, and what it says of itself.</summary>
public sealed record MimePart
{
    /// <summary>The position of the entity that holds it in <see cref="MimeTree.Parts"/>; -1 for the message.</summary>
    public required int Parent { get; init; }

    /// <summary>Entities around it.</summary>
    public required int Depth { get; init; }

    /// <summary>Where its header section begins in the message.</summary>
    public required int Start { get; init; }

    /// <summary>Where its body begins.</summary>
    public required int BodyStart { get; init; }

    /// <summary>Where its body ends.</summary>
    public required int End { get; init; }

    /// <summary>Type and subtype in lower case.</summary>
    public required string MediaType { get; init; }

    /// <summary>How its body is encoded.</summary>
    public MimeEncoding Encoding { get; init; }

    /// <summary>The charset it names; empty when it names none.</summary>
    public string Charset { get; init; } = "";

    /// <summary>The names it gives itself, decoded and fit to be shown: of the disposition, then of the type when that is another.</summary>
    public ImmutableArray<string> Names { get; init; } = [];

    /// <summary>The sender wants it kept beside the text, not shown (RFC 2183).</summary>
    public bool IsAttachment { get; init; }

    /// <summary>What is ambiguous here.</summary>
    public MimeFlaw Flaws { get; init; }

    /// <summary>It holds other entities and has no content of its own.</summary>
    public bool IsComposite { get; init; }

    /// <summary>The body's octets, decoded, up to a limit.</summary>
    /// <param name="message">The message the tree was read from.</param>
    /// <param name="maxOctets">Most octets given.</param>
    /// <param name="isFlawed">The encoding is broken, so that others may read other octets.</param>
    public byte[] Decode(ReadOnlySpan<byte> message, int maxOctets, out bool isFlawed) =>
        TransferEncoding.Decode(message[BodyStart..End], Encoding, maxOctets, out isFlawed);
}
