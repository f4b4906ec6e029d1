using System.Globalization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;
using Npgsql;
using Rollcall.Data;

namespace Rollcall.Dev;

internal sealed class ClockModel(TimeProvider clock, NpgsqlDataSource database) : PageModel
{
    private const int MostHours = 24 * 366;

    [BindProperty]
    public string? Hours { get; set; }

    public DateTimeOffset Now => clock.GetUtcNow();
    public bool CanMove => clock is DevClock;
    public TimeSpan Ahead => (clock as DevClock)?.Ahead ?? TimeSpan.Zero;
    public string AheadInWords => string.Create(CultureInfo.InvariantCulture, $"{Ahead.TotalHours:0.##} hours");

    public void OnGet() { }

    public async Task<IActionResult> OnPostAsync(CancellationToken cancellation)
    {
        if (clock is not DevClock movable)
        {
            return NotFound();
        }

        if (
            !int.TryParse(Hours, NumberStyles.None, CultureInfo.InvariantCulture, out var hours)
            || hours is < 1 or > MostHours
        )
        {
            ModelState.AddModelError(nameof(Hours), $"Hours must be a whole number between 1 and {MostHours}");
            return Page();
        }
        movable.Forward(TimeSpan.FromHours(hours));
        // The outbox uses the database's clock, which cannot be moved. So its waiting messages are brought forward
        // instead.
        await using var sooner = database.Command(
            """
            update outgoing_messages set available_at = available_at - $1
            where sent_at is null and failed_at is null and superseded_at is null
            """,
            TimeSpan.FromHours(hours)
        );
        await sooner.ExecuteNonQueryAsync(cancellation);
        return RedirectToPage();
    }
}
