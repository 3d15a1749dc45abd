using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Mail.Shadow;

/// <summary>How what the filter in service said is read from a message, where policies or a listener only watch (shadow).</summary>
public sealed record ShadowOptions
{
    /// <summary>The fields that filter writes; the first that says something counts, and one that says spam before one that says clean.</summary>
    [MaxLength(50)]
    public IReadOnlyList<OldFilterField> Fields { get; init; } =
    [
        new() { Name = "X-Virus-Status", Spam = ["infected", "yes"], Clean = ["clean", "no"] },
        new() { Name = "X-Rspamd-Action", Spam = ["add header", "rewrite subject", "reject", "quarantine"], Clean = ["no action", "greylist", "soft reject"] },
        new() { Name = "X-Spamd-Result", Spam = ["true"], Clean = ["false"] },
        new() { Name = "X-Spam-Flag", Spam = ["yes"], Clean = ["no"] },
        new() { Name = "X-Spam-Status", Spam = ["yes"], Clean = ["no"] },
        new() { Name = "X-Spam", Spam = ["yes"], Clean = ["no"] },
    ];

    /// <summary>A message without any of these fields is clean to that filter: for one that marks only what it takes for spam.</summary>
    public bool SilentIsClean { get; init; }
}

/// <summary>A field of another filter, and how it says spam and clean: the words its value begins with, behind "name:" where it names its metric ("default: False [1.2 / 15.0]").</summary>
public sealed record OldFilterField
{
    [Required, RegularExpression("[!-9;-~]{1,100}")]
    public string Name { get; init; } = "";

    public IReadOnlyList<string> Spam { get; init; } = [];

    public IReadOnlyList<string> Clean { get; init; } = [];
}
