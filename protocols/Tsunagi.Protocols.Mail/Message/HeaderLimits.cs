namespace Tsunagi.Protocols.Mail.Message;

/// <summary>How much of a header section is read. What stands beyond is counted as not read, never as an error.</summary>
public sealed record HeaderLimits
{
    /// <summary>The defaults.</summary>
    public static HeaderLimits Default { get; } = new();

    /// <summary>Fields of one section.</summary>
    public int Fields { get; init; } = 1000;

    /// <summary>Octets of one field with its folds; a longer field is passed over.</summary>
    public int FieldOctets { get; init; } = 64 * 1024;

    /// <summary>Octets of the section.</summary>
    public int SectionOctets { get; init; } = 512 * 1024;

    /// <summary>Characters of a text made for people, such as a decoded subject.</summary>
    public int TextCharacters { get; init; } = 1000;
}
