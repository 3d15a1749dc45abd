namespace Tsunagi.Mail.Conformance;

/// <summary>What one case of a suite gave.</summary>
/// <param name="Name">Its name in the suite.</param>
/// <param name="Passed">It came out as the suite wants.</param>
/// <param name="Wanted">What the suite wants.</param>
/// <param name="Got">What came out.</param>
/// <param name="Why">The reason we give for it.</param>
internal sealed record SuiteCase(string Name, bool Passed, string Wanted, string Got, string Why);
