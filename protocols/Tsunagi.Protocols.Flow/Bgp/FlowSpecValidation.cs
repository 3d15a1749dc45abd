namespace Tsunagi.Protocols.Flow.Bgp;

/// <summary>What must be known of the routes to tell whether a rule that a peer sent may be used.</summary>
/// <param name="RuleIsInternal">It came by a session within the AS or confederation, or is one's own.</param>
/// <param name="RulePath">Its AS path.</param>
/// <param name="RuleOriginator">Its originator: ORIGINATOR_ID, or the identifier of the peer.</param>
/// <param name="BestOriginator">The originator of the best route for its destination; null when there is no such route.</param>
/// <param name="BestFirstAs">The nearest AS of that route; 0 for one's own.</param>
/// <param name="MoreSpecificFirstAses">The nearest ASes of all routes within its destination.</param>
public sealed record FlowSpecContext(
    bool RuleIsInternal, BgpAsPath RulePath, uint RuleOriginator, uint? BestOriginator, uint BestFirstAs, IReadOnlyCollection<uint> MoreSpecificFirstAses);

/// <summary>The procedure of RFC 8955 section 6 as RFC 9117 section 4 revised it.</summary>
public static class FlowSpecValidation
{
    /// <summary>Whether a rule may be used.</summary>
    public static bool IsFeasible(FlowSpecRule rule, FlowSpecContext context)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(context);

        // a) A destination prefix is embedded in the rule.
        if (rule.Find(FlowSpecType.Destination) is not { Offset: 0 })
        {
            return false;
        }

        // b) 2) RFC 9117: its path is empty, or holds members of the confederation only: the rule begins inside.
        bool beginsInside = context.RulePath.Segments.All(segment => segment.Kind is 3 or 4);
        if (context.RuleIsInternal && beginsInside)
        {
            return true;
        }

        // b) 1) The originator is that of the best route; c) no more specific route came from another neighbouring AS.
        return context.BestOriginator == context.RuleOriginator && context.MoreSpecificFirstAses.All(first => first == context.BestFirstAs);
    }
}
