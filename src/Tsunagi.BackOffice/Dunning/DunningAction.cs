using Tsunagi.Core.Modules;

namespace Tsunagi.BackOffice.Dunning;

/// <summary>What a stage does beside writing its letter.</summary>
public enum DunningAction
{
    /// <summary>A letter.</summary>
    Remind,

    /// <summary>A letter that says from when services are suspended.</summary>
    LastNotice,

    /// <summary>Every service the account pays for gets a hold of kind "non-payment"; what it means is each service's own.</summary>
    Suspend,

    /// <summary>The claim is marked as handed over to whoever collects it.</summary>
    HandOver,
}

/// <summary>How it is kept and said.</summary>
internal static class DunningActions
{
    public static string Word(this DunningAction action) => action switch
    {
        DunningAction.Remind => "remind",
        DunningAction.LastNotice => "lastNotice",
        DunningAction.Suspend => "suspend",
        _ => "handOver",
    };

    public static DunningAction Parse(string word) => word switch
    {
        "remind" => DunningAction.Remind,
        "lastNotice" => DunningAction.LastNotice,
        "suspend" => DunningAction.Suspend,
        "handOver" => DunningAction.HandOver,
        _ => throw new InvalidOperationException($"reading a step of the dunning: there is no act \"{word}\""),
    };

    public static LocalizedText Name(this DunningAction action) => action switch
    {
        DunningAction.Remind => new("Reminder", "督促"),
        DunningAction.LastNotice => new("Last notice", "最終通知"),
        DunningAction.Suspend => new("Suspension", "利用停止"),
        _ => new("Hand over", "回収委託"),
    };
}
