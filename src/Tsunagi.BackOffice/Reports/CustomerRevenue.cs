namespace Tsunagi.BackOffice.Reports;

/// <summary>What one customer (a billing account) was charged without tax, less what was given back.</summary>
public sealed record CustomerRevenue(string AccountId, string Name, long AmountMinor);
