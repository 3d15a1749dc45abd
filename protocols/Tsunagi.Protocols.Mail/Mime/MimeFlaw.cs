namespace Tsunagi.Protocols.Mail.Mime;

/// <summary>
/// What makes the form of a message ambiguous: places where mail programs are known to read different things out of the same octets. None of them is guessed
/// away silently; a caller decides what they are worth.
/// </summary>
[Flags]
public enum MimeFlaw
{
    /// <summary>Nothing.</summary>
    None = 0,
    /// <summary>Content-Type, Content-Transfer-Encoding or Content-Disposition stands twice in one header section.</summary>
    DuplicateField = 1,
    /// <summary>A parameter stands twice.</summary>
    DuplicateParameter = 2,
    /// <summary>The type can not be read; it is taken as text/plain (RFC 2045 section 5.2).</summary>
    BadType = 4,
    /// <summary>A multipart without a boundary, or with one that is none (RFC 2046 section 5.1.1).</summary>
    BadBoundary = 8,
    /// <summary>A line begins with a boundary and goes on: a delimiter for some, text for others.</summary>
    BoundaryPrefix = 16,
    /// <summary>A multipart whose first or closing delimiter is missing.</summary>
    Unclosed = 32,
    /// <summary>A transfer encoding nobody defined.</summary>
    UnknownEncoding = 64,
    /// <summary>A multipart or an enclosed message that is encoded (forbidden by RFC 2045 section 6.4).</summary>
    EncodedComposite = 128,
    /// <summary>The names that type and disposition give differ.</summary>
    ConflictingNames = 256,
    /// <summary>A name holds characters that turn its reading around, or others that are not shown.</summary>
    DeceptiveName = 512,
    /// <summary>A line of a part's header section is no field.</summary>
    MalformedHeader = 1024,
    /// <summary>Deeper, more parts or longer than is read: the rest was not looked at.</summary>
    Beyond = 2048,
}
