using System.Globalization;
using Tsunagi.Core.Modules;
using Tsunagi.Mail.Limits;
using Tsunagi.Ui.Forms;

namespace Tsunagi.Mail.Pages;

/// <summary>How the pages read and say how much may be sent.</summary>
internal static class SendingWords
{
    /// <param name="prefix">Before the names of the form's fields: "sending.device.".</param>
    public static SendingLimit Read(Act act, string prefix) => new()
    {
        MessagesPerHour = (int?)act.Number(prefix + "messagesPerHour", 0, SendingLimit.Most),
        MessagesPerDay = (int?)act.Number(prefix + "messagesPerDay", 0, SendingLimit.Most),
        RecipientsPerHour = (int?)act.Number(prefix + "recipientsPerHour", 0, SendingLimit.Most),
        RecipientsPerDay = (int?)act.Number(prefix + "recipientsPerDay", 0, SendingLimit.Most),
    };

    /// <summary>Null where the form says nothing.</summary>
    public static SendingPolicy? ReadPolicy(Act act)
    {
        var (device, tenant) = (Read(act, "sending.device."), Read(act, "sending.tenant."));
        var policy = new SendingPolicy
        {
            Device = device.IsEmpty ? null : device,
            Tenant = tenant.IsEmpty ? null : tenant,
            BrakeFactor = (int?)act.Number("sending.brakeFactor", 0, SendingLimit.Most),
            BrakeFloor = (int?)act.Number("sending.brakeFloor", 0, SendingLimit.Most),
        };
        return policy == new SendingPolicy() ? null : policy;
    }

    public static LocalizedText Label(string field) => field switch
    {
        "messagesPerHour" => new("Messages in an hour", "1時間のメール数"),
        "messagesPerDay" => new("Messages in 24 hours", "24時間のメール数"),
        "recipientsPerHour" => new("Recipients in an hour", "1時間の宛先数"),
        _ => new("Recipients in 24 hours", "24時間の宛先数"),
    };

    /// <summary>"12 of 1,000"; without the second where there is no limit.</summary>
    public static LocalizedText Of(int sent, int? most) => most is > 0
        ? new(string.Create(CultureInfo.InvariantCulture, $"{sent:N0} of {most:N0}"), string.Create(CultureInfo.InvariantCulture, $"{sent:N0} / {most:N0}"))
        : new(string.Create(CultureInfo.InvariantCulture, $"{sent:N0}, no limit"), string.Create(CultureInfo.InvariantCulture, $"{sent:N0}(上限なし)"));

    /// <summary>Why a credential is paused, from the two numbers that were kept.</summary>
    public static LocalizedText WhyPaused(string why) => why.Split(' ') is [var recipients, var usual]
        ? new($"It sent to {recipients} recipients within an hour; its busiest hour of the four weeks before had {usual}.", $"1時間に{recipients}件の宛先へ送信しました(過去4週間で最も多い1時間は{usual}件)。")
        : new("It sent far more than it used to.", "送信数がこれまでを大きく超えました。");
}
