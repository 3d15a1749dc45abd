using System.Net;
using Tsunagi.Mail.Checks.Attachments;
using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Protocols.Mail.Mime;
using Tsunagi.Protocols.Mail.Smtp;

namespace Tsunagi.Mail.Checks;

/// <summary>One message as the checks see it: how it came, and its content as it is stored, without the trace header we wrote. Read only.</summary>
internal sealed class MessageUnderCheck
{
    private MimeTree? _tree;

    /// <summary>Id of the transaction's first part, for logs and events.</summary>
    public required string Id { get; init; }

    public required IPAddress? ClientAddress { get; init; }

    public required string Helo { get; init; }

    public required bool IsTls { get; init; }

    public required ReversePath ReversePath { get; init; }

    public required int Recipients { get; init; }

    /// <summary>The client spoke before it was greeted.</summary>
    public bool SpokeEarly { get; init; }

    /// <summary>Zones of the block lists that some recipient's policy asks.</summary>
    public IReadOnlyCollection<string> Lists { get; set; } = [];

    /// <summary>Header section and body.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Who handed it in after AUTH, as one of the recipient's own; empty for everybody else's mail.</summary>
    public string SubmittedBy { get; init; } = "";

    /// <summary>Fields taken out because only we may write them.</summary>
    public required int ForgedFields { get; init; }

    public required DateTimeOffset Time { get; init; }

    /// <summary>The paths of its recipients' tenants: what one of them taught the classifier is asked for that one alone.</summary>
    public IReadOnlyCollection<string> Tenants { get; init; } = [];

    /// <summary>What the classifier says for tenants who taught it.</summary>
    public Dictionary<string, Evidence> OfTenants { get; } = new(StringComparer.Ordinal);

    /// <summary>What else holds for one tenant's recipients alone, beside what holds for everybody.</summary>
    public Dictionary<string, List<Evidence>> AlsoOfTenants { get; } = new(StringComparer.Ordinal);

    /// <summary>It can be unsubscribed from, and none of its links that show another host shows one of ours: if its author is who it says, they count clicks.</summary>
    public bool CountsClicks { get; set; }

    /// <summary>The structure, read when the first check asks for it.</summary>
    public MimeTree Tree => _tree ??= MimeTree.Read(Content.Span);

    /// <summary>The files that no part carries by itself, kept for whoever asks second; <see cref="HiddenFiles.Of"/> reads them.</summary>
    public HiddenFiles? Hidden { get; set; }

    /// <summary>Domains that proved themselves by SPF or a signature, in lower case; the authentication check says them.</summary>
    public HashSet<string> Proved { get; } = new(StringComparer.Ordinal);

    /// <summary>Says something for one tenant's recipients alone. By checks that do not wait, one after the other.</summary>
    public void TellTenant(string path, Evidence evidence)
    {
        if (!AlsoOfTenants.TryGetValue(path, out var told))
        {
            AlsoOfTenants[path] = told = [];
        }

        told.Add(evidence);
    }

    /// <summary>A whole Authentication-Results field with its line end, where the authentication check made one.</summary>
    public string AuthenticationResults { get; set; } = "";

    /// <summary>What the authentication check found; null where it did not look, or did not come to its end.</summary>
    public Authenticated? Authenticated { get; set; }
}
