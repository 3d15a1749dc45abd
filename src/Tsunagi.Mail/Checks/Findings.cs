using Tsunagi.Mail.Checks.Authentication;
using Tsunagi.Mail.Checks.Classifier;
using Tsunagi.Mail.Greylist;

namespace Tsunagi.Mail.Checks;

/// <summary>What the checks found in one message.</summary>
/// <param name="Evidence">For everybody.</param>
/// <param name="AuthenticationResults">A whole field with its line end; empty where none was made.</param>
/// <param name="OfTenants">What the classifier says for tenants who taught it: it stands in the place of what it says for everybody, for that tenant's recipients alone.</param>
internal sealed record Findings(IReadOnlyList<Evidence> Evidence, string AuthenticationResults, IReadOnlyDictionary<string, Evidence> OfTenants)
{
    private static readonly Dictionary<string, Evidence> Nobody = [];
    private static readonly Dictionary<string, List<Evidence>> NobodyElse = [];

    /// <summary>What else holds for one tenant's recipients alone.</summary>
    public IReadOnlyDictionary<string, List<Evidence>> AlsoOfTenants { get; init; } = NobodyElse;

    /// <summary>Where it comes from; null where that is not known, or who handed it in proved itself.</summary>
    public MessageOrigin? Origin { get; init; }

    /// <summary>What the authentication check found; null where it did not look.</summary>
    public Authenticated? Authenticated { get; init; }

    /// <summary>The checks that looked. Of a message that is not looked into none would, whatever a policy says: they count as having done so.</summary>
    public IReadOnlyList<string> Ran { get; init; } = EvidenceCatalogue.Checks;

    /// <summary>The block lists that were asked of who brought it; null where none can be: it is not known, one of ours, or proved itself.</summary>
    public IReadOnlyCollection<string>? Lists { get; init; }

    /// <summary>One thing said of a message that was not looked into.</summary>
    public static Findings Only(Evidence evidence) => new([evidence], "", Nobody);

    /// <summary>What holds for a tenant's recipients.</summary>
    public IReadOnlyList<Evidence> For(string tenantPath)
    {
        IReadOnlyList<Evidence> all = AlsoOfTenants.TryGetValue(tenantPath, out var also) ? [.. Evidence, .. also] : Evidence;
        if (!OfTenants.TryGetValue(tenantPath, out var own))
        {
            return all;
        }

        var found = new List<Evidence>(all.Count + 1);
        found.AddRange(all.Where(static one => !ClassifierCheck.IsVerdict(one.Code)));
        found.Add(own);
        return found;
    }
}
