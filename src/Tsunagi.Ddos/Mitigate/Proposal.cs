namespace Tsunagi.Ddos.Mitigate;

/// <summary>The rules that would stop an attack, with what they would do, before any of them goes out.</summary>
/// <param name="Rules">In the order of what they stop.</param>
/// <param name="Cover">The part of the attack's packets that they match together, 0 to 1.</param>
/// <param name="Collateral">The part of the victim's own packets that they match together, 0 to 1.</param>
/// <param name="AttackSamples">Samples behind the cover.</param>
/// <param name="OwnSamples">Samples of the victim's own traffic behind the collateral; with few of them it is not known well.</param>
/// <param name="CollateralBound">What the collateral may be at most, 0 to 1, at 95 % confidence: with so many samples, so many of them touched (Poisson). 1 where that was not asked yet.</param>
/// <param name="WhyNot">Why there is no rule, or none that stops enough; empty when there is.</param>
/// <param name="WhyAsk">Why a person should look before it goes out, though it stops enough: the collateral is not known well enough; empty when it is.</param>
public sealed record Proposal(
    IReadOnlyList<ProposedRule> Rules, double Cover, double Collateral, int AttackSamples, int OwnSamples, double CollateralBound, string WhyNot, string WhyAsk = "")
{
    /// <summary>It stops enough, and is known to spare the customer: it may go out without another thought.</summary>
    public bool IsGood => Rules.Count > 0 && WhyNot.Length == 0 && WhyAsk.Length == 0;
}

/// <summary>One rule of a proposal.</summary>
/// <param name="Rule">Its text with the action, as a router is told it.</param>
/// <param name="Cover">The part of the attack's packets that it matches.</param>
/// <param name="Collateral">The part of the victim's own packets that it matches.</param>
public sealed record ProposedRule(string Rule, double Cover, double Collateral);
