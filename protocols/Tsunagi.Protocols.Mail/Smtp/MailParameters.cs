namespace Tsunagi.Protocols.Mail.Smtp;

/// <summary>What a client says of a body (RFC 6152 section 3, RFC 3030 section 3).</summary>
public enum SmtpBodyType
{
    /// <summary>Nothing was said; the same as <see cref="SevenBit"/>.</summary>
    Unstated,
    /// <summary><c>BODY=7BIT</c>.</summary>
    SevenBit,
    /// <summary><c>BODY=8BITMIME</c>.</summary>
    EightBitMime,
    /// <summary><c>BODY=BINARYMIME</c>, allowed with CHUNKING only.</summary>
    BinaryMime,
}

/// <summary>The parameters of MAIL: those this library knows by name, and the others as they came.</summary>
public readonly record struct MailParameters
{
    /// <summary>SIZE, the octets the client expects to send (RFC 1870 section 6).</summary>
    public long? Size { get; init; }

    /// <summary>BODY.</summary>
    public SmtpBodyType Body { get; init; }

    /// <summary>SMTPUTF8: addresses or headers may hold UTF-8 (RFC 6531 section 3.4).</summary>
    public bool SmtpUtf8 { get; init; }

    /// <summary>Parameters of other extensions, in the order they came; null when there are none.</summary>
    public IReadOnlyList<SmtpParameter>? Others { get; init; }
}
