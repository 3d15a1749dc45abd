namespace Tsunagi.Connectivity.Try;

/// <summary>What a trial access server tells of a session: Acct-Status-Type.</summary>
public enum TrialReport
{
    Start = 1,
    Stop = 2,
    Interim = 3,
}
