using System.ComponentModel.DataAnnotations;

namespace Tsunagi.Routing.Scrub;

/// <summary>A Linux box that traffic passes through: this one, or one that a command reaches. One node alone speaks to a scrubber.</summary>
public sealed record ScrubberOptions
{
    [Required, MaxLength(60)]
    public string Name { get; init; } = "";

    /// <summary>The program that sets rules there, with what stands in front of its own arguments: nft itself, or what runs it elsewhere ("ip", "netns", "exec", NAME, "nft"; "ssh", "-o", "BatchMode=yes", HOST, "nft").</summary>
    [MinLength(1), MaxLength(32)]
    public IReadOnlyList<string> Command { get; init; } = ["/usr/sbin/nft"];
}
