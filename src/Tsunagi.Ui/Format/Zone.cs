using System.Globalization;
using NodaTime;
using NodaTime.TimeZones;

namespace Tsunagi.Ui.Format;

/// <summary>The reader's time zone, by its IANA name. The tz database comes with NodaTime, so the machine needs none.</summary>
public sealed class Zone
{
    private readonly DateTimeZone _zone;

    private Zone(DateTimeZone zone) => _zone = zone;

    public static Zone Utc { get; } = new(DateTimeZone.Utc);

    public string Name => _zone.Id;

    /// <summary>The zone of that name, or UTC when there is none.</summary>
    public static Zone Of(string? name) => name is not null && DateTimeZoneProviders.Tzdb.GetZoneOrNull(name) is { } zone ? new Zone(zone) : Utc;

    /// <summary>"22 Nov 2026, 14:03:07" or "2026/11/22 14:03:07".</summary>
    public string Full(long micros, string locale) =>
        At(micros).ToString(Formats.IsJapanese(locale) ? "uuuu/MM/dd HH:mm:ss" : "d MMM uuuu, HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>Without seconds, and without the year when it is this year's.</summary>
    public string Brief(long micros, long nowMicros, string locale)
    {
        var at = At(micros);
        var now = At(nowMicros);
        var ja = Formats.IsJapanese(locale);
        var pattern = at.Date == now.Date ? "HH:mm:ss" : at.Year == now.Year ? (ja ? "MM/dd HH:mm" : "d MMM HH:mm") : (ja ? "uuuu/MM/dd" : "d MMM uuuu");
        return at.ToString(pattern, CultureInfo.InvariantCulture);
    }

    public string Date(long micros, string locale) =>
        At(micros).ToString(Formats.IsJapanese(locale) ? "uuuu年M月d日" : "d MMM uuuu", CultureInfo.InvariantCulture);

    /// <summary>"UTC+9" as of that moment.</summary>
    public string OffsetName(long micros)
    {
        var offset = _zone.GetUtcOffset(At(micros).ToInstant());
        return offset == Offset.Zero ? "UTC" : "UTC" + offset.ToString("+H:mm", CultureInfo.InvariantCulture).Replace(":00", "", StringComparison.Ordinal);
    }

    /// <summary>The moment at which a clock on the reader's wall shows this; where it shows it twice, the earlier, and where it never does, the one after the gap.</summary>
    public DateTimeOffset AtWall(DateTime wall) => LocalDateTime.FromDateTime(wall).InZoneLeniently(_zone).ToDateTimeOffset();

    private ZonedDateTime At(long micros) => Instant.FromUnixTimeTicks(micros * 10).InZone(_zone);
}
