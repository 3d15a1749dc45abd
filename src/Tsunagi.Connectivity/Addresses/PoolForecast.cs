namespace Tsunagi.Connectivity.Addresses;

/// <summary>When a pool is used up, by the straight line through its use of the last days (least squares).</summary>
/// <param name="PerDay">Parts that are taken a day, more than given back.</param>
/// <param name="DaysLeft">Days until none is left; null while its use does not grow, or too few days are known.</param>
internal sealed record PoolForecast(double PerDay, double? DaysLeft)
{
    public const int LeastDays = 3;
    public const int MostDays = 60;

    /// <param name="days">Day numbers and the parts used on each.</param>
    /// <param name="slots">Parts of the pool that can be given at all.</param>
    public static PoolForecast Of(IReadOnlyList<(long Day, long Used)> days, long slots)
    {
        if (days.Count < LeastDays)
        {
            return new PoolForecast(0, null);
        }

        var (meanDay, meanUsed) = (days.Average(static day => (double)day.Day), days.Average(static day => (double)day.Used));
        var spread = days.Sum(day => (day.Day - meanDay) * (day.Day - meanDay));
        var slope = spread == 0 ? 0 : days.Sum(day => (day.Day - meanDay) * (day.Used - meanUsed)) / spread;
        var left = slots - days[^1].Used;
        return new PoolForecast(slope, slope > 0 ? Math.Max(0, left / slope) : null);
    }
}
