namespace Tsunagi.Protocols.Mail.Feedback;

/// <summary>How much of a report is read. What is larger is refused with a reason, never read in part: half of a report is a wrong report.</summary>
public sealed record FeedbackLimits
{
    /// <summary>The defaults.</summary>
    public static FeedbackLimits Default { get; } = new();

    /// <summary>Octets of a file as it came: packed, or not.</summary>
    public int FileOctets { get; init; } = 16 * 1024 * 1024;

    /// <summary>Octets of all that is unpacked of one message or file together: what bounds the work.</summary>
    public long Octets { get; init; } = 128L * 1024 * 1024;

    /// <summary>Octets from one "&lt;" of an XML document to the next: an element with its attributes, or a text.</summary>
    public int ElementOctets { get; init; } = 256 * 1024;

    /// <summary>
    /// Octets that come out of each octet of the packed file, counted once more than <see cref="RatioFree"/> came out. Reports repeat themselves and pack to a twentieth or fiftieth;
    /// deflate reaches a thousandth only where there is nothing to say.
    /// </summary>
    public int Ratio { get; init; } = 250;

    /// <summary>Octets that may come out whatever the ratio.</summary>
    public int RatioFree { get; init; } = 1024 * 1024;

    /// <summary>Files within an archive.</summary>
    public int Files { get; init; } = 10;

    /// <summary>Packed files within packed files: 1 is a report in one archive.</summary>
    public int Packings { get; init; } = 2;

    /// <summary>Elements within elements, and arrays and objects within each other; the schema of RFC 9990 has 6.</summary>
    public int Depth { get; init; } = 16;

    /// <summary>Records of an aggregate report; failure details of a TLS report, of all its policies.</summary>
    public int Records { get; init; } = 200_000;

    /// <summary>Results (DKIM, SPF, reasons) kept of one record, each; policies of a TLS report.</summary>
    public int ResultsEach { get; init; } = 100;

    /// <summary>Octets of a TLS report: JSON is not read as a stream.</summary>
    public int JsonOctets { get; init; } = 16 * 1024 * 1024;

    /// <summary>Characters kept of a text.</summary>
    public int TextCharacters { get; init; } = 500;

    /// <summary>Of a message that brings reports.</summary>
    public Mime.MimeLimits Mime { get; init; } = new() { Parts = 100 };
}
